"""The whole story on an emulated AWS: real ``cdk deploy``, no mock inside our code."""
