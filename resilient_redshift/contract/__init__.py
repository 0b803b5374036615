"""What releases, functions and tools say to each other: names, records and schemas, frozen by tests (no CDK)."""
