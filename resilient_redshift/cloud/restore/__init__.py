"""The way back: choose a snapshot, restore it, check it, publish it, and report what happened."""
