"""Builds everything from the settings; the only place that names concrete classes."""

from bot.app.keys import open_database, open_vault
from bot.app.rooms import house_rules
from bot.app.running import Role, serve

__all__ = ["Role", "house_rules", "open_database", "open_vault", "serve"]
