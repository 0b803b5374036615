"""AWS in one process, for the demo and the end-to-end tests; not part of the wheel."""
