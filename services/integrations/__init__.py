"""The branch's own systems: which of them may use the JSON API, for what, and how often."""
