"""Investor education: courses of lessons with their quizzes, and what each client has completed."""
