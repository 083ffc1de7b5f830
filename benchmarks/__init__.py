"""What is fast, measured beside peers."""
