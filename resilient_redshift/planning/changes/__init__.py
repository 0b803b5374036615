"""Compares the clusters of two sets of templates: what a change makes better and what it makes worse."""
