"""Checks the clusters of templates against a resilience policy."""
