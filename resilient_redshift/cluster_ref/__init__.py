"""References to clusters of every kind: the facts that synth knows, and the owner of each copy and name."""
