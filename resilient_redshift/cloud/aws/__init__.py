"""Calls to AWS: the clients, the retries and the structured log."""
