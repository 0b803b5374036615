"""The custom-resource provider: what CloudFormation itself cannot do for snapshot copies and grants."""
