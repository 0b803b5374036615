"""The custom resource that owns the snapshot copy of one cluster."""
