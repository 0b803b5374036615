"""The custom-resource handler as Lambda runs it: boto3 and the standard library only, relative imports only.

Deployed as a folder of its own (`handler/` at the root of the archive, handler string `handler.index.on_event`), so
nothing here may import aws_cdk or resilient_redshift.
"""
