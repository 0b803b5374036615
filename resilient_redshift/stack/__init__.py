"""What one stack shares: services, settings, IAM, alarms, machines, the Lambda archive, compliance, template checks."""
