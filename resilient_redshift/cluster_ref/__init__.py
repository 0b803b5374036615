"""References to clusters of every kind: the facts that synth knows, parameter groups, and the owner of each name."""
