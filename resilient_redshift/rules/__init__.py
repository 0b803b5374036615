"""What AWS allows, as data and checks (no CDK)."""
