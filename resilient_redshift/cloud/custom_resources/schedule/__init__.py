"""The custom resources of a snapshot schedule and of its association with a cluster."""
