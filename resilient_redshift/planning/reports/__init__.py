"""Writes the result of a check or a comparison in the formats that reviewers read."""
