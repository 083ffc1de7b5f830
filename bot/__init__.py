"""The engine: it hears and speaks; of securities it knows only the vocabulary."""
