"""JSON for the branch's own systems."""
