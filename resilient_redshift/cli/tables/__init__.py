"""One table back after a bad load: from a snapshot in the cluster's own Region, or from a copy elsewhere."""
