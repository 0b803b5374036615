"""Construct and synth times of the library beside the same resources written by hand; ``make bench`` runs it."""
