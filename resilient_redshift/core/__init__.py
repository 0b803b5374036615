"""What every construct uses: checks of arguments, the tree, environments, Regions, subnets, memory, warnings."""
