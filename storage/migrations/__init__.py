"""Alembic migrations, run by storage.engine.upgrade."""
