"""The handler of the library's custom resources, as CloudFormation calls it."""
