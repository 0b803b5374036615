"""Commands over many plans at once."""
