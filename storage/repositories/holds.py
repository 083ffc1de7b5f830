"""Matters that one transaction at a time decides on, where no row can be held or the row is not there yet."""

from enum import IntEnum

from sqlalchemy import Integer, bindparam, func, select

from storage.unit import Unit


class Matter(IntEnum):
    """What is decided on."""

    STAFF = 1
    SEGMENTS = 2
    IMPORTS = 3
    ASSESSMENTS = 4
    PRODUCTS = 5
    QUESTIONNAIRES = 6


_KEYS = 2**31
"""What one of PostgreSQL's two numbers holds; who shares a number only waits for one another."""

_HOLD = select(func.pg_advisory_xact_lock(bindparam("matter", type_=Integer), bindparam("number", type_=Integer)))


def hold(unit: Unit, matter: Matter, number: int = 0) -> None:
    """Wait until nobody else decides on it, and hold it until the transaction ends; read what it rests on after this.

    On SQLite one transaction at a time writes anyway. DatabaseBusy after some seconds in vain.
    """
    if unit.connection.dialect.name == "postgresql":
        unit.connection.execute(_HOLD, {"matter": int(matter), "number": number % _KEYS})
