"""What keeps tests, and what they start, from reaching another machine."""
