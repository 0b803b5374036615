"""Copies of snapshots in another Region, and the grant for the key that encrypts the copies."""
