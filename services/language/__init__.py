"""The optional language model: words a question as entries are worded, and an answer out of approved entries only."""
