"""Copies of snapshots in another Region, and the grant that encrypts them."""
