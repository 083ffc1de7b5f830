"""Carrying out a form: once per key, with the right asked for inside the transaction, and with nothing typed lost."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from bot.errors import Refused
from console.visits import Visit
from storage.repositories import drafts, form_keys
from storage.unit import Unit

LONGEST_KEY = 40
LONGEST_TEXT = 4000
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form as it came: its one-time key (made the person's own), its text, the version it was filled in for."""

    key: str
    text: str
    version: int


async def submitted(visit: Visit) -> Submitted:
    """The form that was sent; Refused for one without a key or with a text over the limit."""
    given = await visit.form()
    key, text, version = (str(given.get(name, "")) for name in ("key", "text", "version"))
    if not key or len(key) > LONGEST_KEY:
        raise Refused("form_unreadable")
    if len(text) > LONGEST_TEXT:
        raise Refused("text_too_long", limit=LONGEST_TEXT)
    return Submitted(f"{visit.staff.id}:{key}", text.strip(), whole_number(version))


def whole_number(given: str) -> int:
    """What a form or an address names by a number; 0, which nothing has, where it is none or no database takes it."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS else 0


async def carry_out(visit: Visit, form: Submitted, place: str, back: str, work: Callable[[Unit], object]) -> Response:
    """Do it once and go back; a repeat of the same form goes where the first one led.

    `place` is where the form's text is kept as a draft: forgotten when it is done, kept when it is refused.
    """
    staff_id, now = visit.staff.id, visit.console.clock.now()

    def once(unit: Unit) -> str:
        if not form_keys.claim(unit, form.key, staff_id, back, now):
            return form_keys.result(unit, form.key, staff_id) or back
        work(unit)
        drafts.forget(unit, staff_id, place)
        return back

    try:
        return RedirectResponse(await visit.console.database.write(once), 303)
    except Refused:
        if form.text:
            await visit.console.database.write(lambda unit: drafts.save(unit, staff_id, place, form.text, now))
        raise
