"""Tables that staff bring in on the console: kept sealed, tried, taken by whoever works, and removed."""
