"""What every construct is built with: problems, the construct tree, environments, warnings."""
