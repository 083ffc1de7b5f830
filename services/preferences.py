"""What a client wants to be sent, when, and in which language, as they say themselves."""

import re
from datetime import datetime, time

from bot.vocabulary import Interest, Locale
from services import audit
from services.audit import Deed
from storage.repositories import preferences as rows
from storage.repositories.preferences import Wishes
from storage.unit import Unit

__all__ = ["Wishes"]

Span = tuple[time, time]
PRESETS = ("22:00-08:00", "20:00-09:00", "12:00-14:00")
"""Quiet hours offered; others are typed in the same form."""

_HOUR = r"\s*(\d{1,2})[:\uff1a\u70b9\u65f6](\d{2})?\u5206?\s*"
_SPAN = re.compile(rf"{_HOUR}[-~\uff5e\u2013\u2014\u81f3\u5230]{_HOUR}")
_LIKE = re.compile(r"\D{0,6}\d{1,2}(\D{1,6}\d{1,2}){1,3}\D{0,4}")


def wishes(unit: Unit, client_id: int) -> Wishes:
    """How a client's wishes stand."""
    return rows.of(unit, client_id)


def toggle(unit: Unit, client_id: int, interest: Interest, now: datetime) -> Wishes:
    """Note an interest, or take it back."""
    liked = interest in rows.of(unit, client_id).interests
    if liked:
        rows.unlike(unit, client_id, interest)
    else:
        rows.like(unit, client_id, interest, now)
    audit.record(unit, Deed("client.interest", f"client:{client_id}", now, personal={interest.value: not liked}))
    return rows.of(unit, client_id)


def leave_alone(unit: Unit, client_id: int, span: Span | None, now: datetime) -> None:
    """Send nothing that can wait within these hours; None leaves the branch's own."""
    rows.set_quiet(unit, client_id, span, now)
    shown = f"{span[0]:%H:%M}-{span[1]:%H:%M}" if span else None
    audit.record(unit, Deed("client.quiet", f"client:{client_id}", now, personal={"hours": shown}))


def write_in(unit: Unit, client_id: int, locale: Locale, now: datetime) -> None:
    """Write to the client in this language, also outside a dialogue."""
    rows.set_locale(unit, client_id, locale, now)
    audit.record(unit, Deed("client.language", f"client:{client_id}", now, personal={"locale": locale.value}))


def like_hours(text: str) -> bool:
    """Whether a whole text looks like hours, good ones or not."""
    return _LIKE.fullmatch(text.strip()) is not None


def span_in(text: str) -> Span | None:
    """The hours that a whole text is, such as 22:00-08:00; None where it is none, or where they are empty."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    hours = [int(part or 0) for part in found.groups()]
    if hours[0] > 23 or hours[2] > 23 or hours[1] > 59 or hours[3] > 59:
        return None
    start, end = time(hours[0], hours[1]), time(hours[2], hours[3])
    return None if start == end else (start, end)
