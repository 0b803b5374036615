"""The custom resources that own a snapshot schedule, and the association of a cluster with a schedule."""
