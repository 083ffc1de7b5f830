"""Finding the approved answer to a client's question."""
