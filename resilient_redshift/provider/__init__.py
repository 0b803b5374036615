"""The CDK side of the custom resources: functions, roles and what each may do."""
