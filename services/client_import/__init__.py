"""Clients from a table of the counter system: read row by row, checked, and brought in."""
