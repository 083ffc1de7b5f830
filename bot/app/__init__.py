"""Builds everything from the settings; the only place that names concrete classes."""

from bot.app.doctor import examined
from bot.app.keys import open_database, open_vault
from bot.app.outreach import Outreach, for_commands
from bot.app.presence import served
from bot.app.rooms import build, house_rules
from bot.app.running import Role, serve

__all__ = [
    "Outreach",
    "Role",
    "build",
    "examined",
    "for_commands",
    "house_rules",
    "open_database",
    "open_vault",
    "serve",
    "served",
]
