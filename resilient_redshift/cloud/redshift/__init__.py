"""Readers of clusters, snapshot copy grants and snapshot schedules, as Redshift describes them now."""
