"""Automated and manual snapshots: when they are taken, how long they are kept, and how many exist."""
