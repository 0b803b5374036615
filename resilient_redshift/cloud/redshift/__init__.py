"""Clusters, grants and snapshot schedules as Redshift describes them now."""
