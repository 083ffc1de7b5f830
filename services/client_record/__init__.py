"""A client's record as staff keep it: its fields and standing, who is in charge, who belongs together, notes."""
