"""Local servers that imitate the messaging platforms, so that the real adapters can be driven without an account."""
