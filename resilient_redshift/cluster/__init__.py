"""New clusters with defaults that survive, and clusters that start from a snapshot."""
