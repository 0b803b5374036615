"""The CDK side of the custom resources: the functions, the roles and the rights of each role."""
