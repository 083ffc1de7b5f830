"""Data files a new database starts from."""
