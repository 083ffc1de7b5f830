"""Pictures and files that clients send: judged by their bytes, sealed, kept apart from the database, shown to few."""
