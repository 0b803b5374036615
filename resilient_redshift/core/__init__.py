"""What every construct uses: checks of arguments, the construct tree, environments, memory and warnings."""
