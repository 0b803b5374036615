"""The custom resource that owns one snapshot copy grant."""
