"""When a schedule fires, in both of AWS's cron dialects: EventBridge's and Redshift's (no CDK)."""
