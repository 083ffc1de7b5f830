"""The clock knocks once for everybody."""
