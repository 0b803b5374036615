"""The one reader of clusters, snapshots, snapshot copy grants and snapshot schedules, and what their states mean."""
