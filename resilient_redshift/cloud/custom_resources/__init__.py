"""The handler of this library's custom resources, which CloudFormation calls through CDK's Provider framework."""
