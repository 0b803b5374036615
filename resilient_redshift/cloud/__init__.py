"""The code that runs in AWS Lambda, with boto3 and the standard library only (no CDK)."""
