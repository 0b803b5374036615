"""New clusters with safe defaults, and clusters that are restored from a snapshot."""
