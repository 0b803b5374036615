"""What releases, functions and tools share: names, outcomes, records and schemas (no CDK). Tests freeze them."""
