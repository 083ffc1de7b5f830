"""The database of the settings and the keys of its personal fields."""

import logging
from pathlib import Path

from bot.errors import QuanfuError, SettingsWrong
from bot.settings import Settings, sqlite_file
from storage.engine import holds_clients, is_made, open_engines, require_current
from storage.unit import Database
from storage.vault import Vault, key_file, make_key_file, vault_of

log = logging.getLogger(__name__)


def open_database(settings: Settings) -> Database:
    """The database of the settings with its keys; NotMigrated where it is not up to date."""
    if settings.keys.master or not settings.on_sqlite:
        open_vault(settings)  # faults of the settings are told before the database is asked
    engines = open_engines(settings.database_url)
    try:
        require_current(engines)
        if settings.on_sqlite and (lost := key_lost(settings)) and holds_clients(engines):
            raise SettingsWrong([f"QUANFU_KEYS__MASTER: the key of this database is missing: put {lost} back"])
        return Database(engines, open_vault(settings))
    except QuanfuError:
        engines.dispose()
        raise


def open_vault(settings: Settings) -> Vault:
    """The keys: from the settings, or beside a SQLite database, where they are made on first use."""
    previous = settings.keys.previous.get_secret_value() if settings.keys.previous else ""
    if settings.keys.master:
        return _vault(settings.keys.master.get_secret_value(), previous)
    if not settings.on_sqlite:
        raise SettingsWrong(["QUANFU_KEYS__MASTER: required with PostgreSQL (32 bytes in base64)"])
    return _vault(_beside(sqlite_file(settings.database_url)), previous)


def key_lost(settings: Settings) -> Path | None:
    """Where the key of a SQLite database lay that is no longer there; None for a database that was never made."""
    file = sqlite_file(settings.database_url)
    path = key_file(file)
    lost = not settings.keys.master and not path.exists() and file.exists() and is_made(settings.database_url)
    return path if lost else None


def _beside(database: Path) -> str:
    path = key_file(database)
    if path.exists():
        return path.read_text().strip()
    log.warning("made a new encryption key at %s: back it up apart from the database", path)
    return make_key_file(path)


def _vault(master: str, previous: str) -> Vault:
    try:
        return vault_of(master, previous)
    except ValueError as error:
        raise SettingsWrong([f"QUANFU_KEYS: {error}"]) from None
