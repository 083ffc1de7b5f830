"""Systems of the branch on the JSON API."""
