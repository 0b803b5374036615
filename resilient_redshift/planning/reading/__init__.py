"""Reads templates and the values in them: from a cloud assembly, folders, files and standard input."""
