"""When a schedule fires, in both of AWS's cron dialects (no CDK)."""
