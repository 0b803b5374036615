"""Calls to AWS: clients, retries, and a structured log."""
