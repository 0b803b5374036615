"""CloudFormation's Redshift types, rewritten from the published resource provider over the model of Redshift's API."""
