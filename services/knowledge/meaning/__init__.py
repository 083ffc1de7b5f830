"""What a question means beyond its signs: vectors of texts by a model, and what they have taught."""
