"""Changing a client's record: several people may, and nobody overwrites unknowingly what another just changed.

A form carries the record as it was when the form was made, sealed. Saving compares three: that, what stands now, and
what was typed. Fields that nobody else touched are saved; where both did, nothing is, and the difference is told.
"""

import json
import unicodedata
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import Conflict, KeyMissing, Refused
from bot.vocabulary import Action, ChannelKind, Locale
from services import audit, chats
from services.audit import Deed
from services.client_import import checks
from services.client_import.columns import Field as Column
from services.staff import demand
from services.tables.cells import Fault
from storage.repositories import client_record as rows
from storage.repositories.client_lists import Item
from storage.repositories.client_record import BETWEEN, Signed
from storage.repositories.staff import Staff
from storage.unit import Unit

MOST_TAGS = 20
LONGEST_TAG = 64
_SEPARATORS = str.maketrans(dict.fromkeys(",;\u3001\uff0c\uff1b", BETWEEN))


class Field(StrEnum):
    """What staff may change; names and numbers come from the branch's own systems."""

    SALUTATION = "salutation"
    LOCALE = "locale"
    PREFERRED_CHANNEL = "preferred_channel"
    EMAIL = "email"
    OCCUPATION = "occupation"
    REGION = "region"
    TAGS = "tags"


Values = Mapping[Field, str]
"""Fields as text: empty where there is nothing; tags in order, one a line."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What was typed into a form that was made from `base`; fields that are not named stay."""

    wanted: Values
    base: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two changed: what stands now and since when by whom (None: an import or the client), and ours."""

    field: Field
    theirs: str
    mine: str
    author: str | None = None
    at: datetime | None = None


class RecordChanged(Conflict):
    """Somebody else changed the same fields meanwhile; nothing was saved.

    `kept` is what was typed into the fields that were touched: a new form shows these, and the rest as it stands now.
    """

    def __init__(self, differences: list[Difference], kept: Values) -> None:
        super().__init__("record_changed")
        self.differences = differences
        self.kept = kept


def standing(unit: Unit, client_id: int, *, hold: bool = False) -> dict[Field, str]:
    """The record as it stands."""
    found = rows.values(unit, client_id, hold=hold)
    return {field: found[field] for field in Field}


def carried(unit: Unit, client_id: int, values: Values) -> str:
    """The record as a form carries it."""
    return rows.sealed(unit, client_id, json.dumps(values))


def save(unit: Unit, staff: Staff, client: Item, edit: Edit) -> list[Field]:
    """Save what was changed; returns those fields. RecordChanged where somebody else changed them too."""
    demand(staff, Action.EDIT_PREFERENCES, own=staff.has(*client.keepers))
    base = _base(unit, client.id, edit.base)
    mine = {field: _tidy(field, text) for field, text in edit.wanted.items()}
    now = standing(unit, client.id, hold=True)
    changed, both = merged(base, mine, now)
    if both:
        differences = [_difference(unit, client.id, field, now[field], mine[field]) for field in both]
        raise RecordChanged(differences, {field: value for field, value in mine.items() if value != base[field]})
    if changed:
        _write(unit, staff, Signed(client.id, staff.id, edit.at), now, changed)
    return list(changed)


def merged(base: Values, mine: Values, now: Values) -> tuple[dict[Field, str], list[Field]]:
    """What of ours is to be written, and the fields that both sides changed, each to something else."""
    changed = {field: value for field, value in mine.items() if value not in (base[field], now[field])}
    return changed, [field for field in changed if now[field] != base[field]]


def _write(unit: Unit, staff: Staff, signed: Signed, before: Values, changed: Values) -> None:
    if Field.PREFERRED_CHANNEL in changed:
        wanted = changed[Field.PREFERRED_CHANNEL]
        chats.prefer(unit, signed.client_id, ChannelKind(wanted) if wanted else None, signed.at, staff.id)
    rows.write(unit, signed, _named(before), _named(changed))
    detail = {"fields": ",".join(changed)}
    audit.record(unit, Deed("client.edit", f"client:{signed.client_id}", signed.at, staff.id, detail))


def _named(values: Values) -> dict[str, str]:
    return {field.value: value for field, value in values.items()}


def _base(unit: Unit, client_id: int, carried: str) -> dict[Field, str]:
    try:
        found = json.loads(rows.unsealed(unit, client_id, carried))
    except (KeyMissing, NotBase64, UnicodeError):
        raise Refused("form_unreadable") from None
    return {field: str(found[field]) for field in Field}


def _difference(unit: Unit, client_id: int, field: Field, theirs: str, mine: str) -> Difference:
    last = rows.latest(unit, client_id, field)
    if last is None or last.after != theirs:
        return Difference(field, theirs, mine)
    return Difference(field, theirs, mine, last.author, last.at)


def _tidy(field: Field, text: str) -> str:
    """What was typed as it is kept; Refused for what the field can't hold."""
    plain = unicodedata.normalize("NFC", text).strip()
    if field is Field.TAGS:
        return _tags(plain)
    if field is Field.LOCALE and plain not in list(Locale):
        raise Refused("form_unreadable")
    if field is Field.PREFERRED_CHANNEL and plain and plain not in list(ChannelKind):
        raise Refused("form_unreadable")
    return plain if field in (Field.LOCALE, Field.PREFERRED_CHANNEL) or not plain else _cell(field, plain)


def _tags(text: str) -> str:
    found = sorted({" ".join(tag.split()) for tag in text.translate(_SEPARATORS).splitlines()} - {""})
    if len(found) > MOST_TAGS:
        raise Refused("record_tags", most=MOST_TAGS)
    if any(len(tag) > LONGEST_TAG for tag in found):
        raise Refused("record_too_long", what=Field.TAGS, limit=LONGEST_TAG)
    if any(checks.cell(Column.OCCUPATION, tag) is Fault.SIGNS for tag in found):
        raise Refused("record_wrong", what=Field.TAGS)
    return BETWEEN.join(found)


def _cell(field: Field, text: str) -> str:
    """By the same rules as an import's."""
    found = checks.cell(Column(field.value), text)
    if found is Fault.TOO_LONG:
        raise Refused("record_too_long", what=field, limit=checks.LONGEST[Column(field.value)])
    if isinstance(found, Fault):
        raise Refused("record_wrong", what=field)
    return str(found)
