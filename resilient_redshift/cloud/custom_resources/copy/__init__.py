"""The custom resource of a cluster's snapshot copy."""
