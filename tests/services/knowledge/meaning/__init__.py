"""What vectors of sentences tell."""
