"""The clock knocks; services decide."""
