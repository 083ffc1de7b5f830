"""What clients hold, trade and keep in cash: imported day by day, and what follows from it."""
