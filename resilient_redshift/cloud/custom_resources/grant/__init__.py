"""The custom resource of a snapshot copy grant."""
