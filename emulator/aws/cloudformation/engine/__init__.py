"""The order in which CloudFormation creates, changes, rolls back and deletes, on ministack's stacks and resource types.

ministack 1.5.33's own sequencing differs from AWS where it matters here (a failed Create gets no Delete, the clean-up of replaced and
removed resources is two phases and keeps what it could not delete, a failed delete does not hold back what it depends on, stack-wide
UPDATE events), so it is written anew; resolving, provisioning of each type, change sets and the API stay ministack's.
"""
