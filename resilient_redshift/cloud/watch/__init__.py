"""The watcher: reads clusters and recovery points on a schedule, judges them, and tells who should know."""
