"""What is done to manual snapshots and to their copies."""
