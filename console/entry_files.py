"""Entries brought in as a file: every fault with its line or what would change is shown, then they become drafts."""

import asyncio
import base64
import binascii
import zlib
from collections.abc import Callable

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action
from console import faults
from console.deeds import carry_out, submitted
from console.visits import Visit
from services.knowledge import imports
from services.knowledge.imports import Plan
from services.staff import demand
from storage.unit import Unit

ADDRESS = "/console/knowledge/imports"
TAKEN = "/console/knowledge?view=draft"
MEGABYTE = 1 << 20
LARGEST = 4 * MEGABYTE
"""Bytes of a file: twenty times the packaged base; the command takes any number."""
LARGEST_KEPT = 900_000
"""Signs in which the page carries a file between showing and taking; a form's field has a megabyte at most."""


async def index(visit: Visit) -> Response:
    """The form that sends a file in."""
    return _page(visit, None)


async def upload(visit: Visit) -> Response:
    """What a file would do, nothing of it written; or, of the file that the page carries, its taking."""
    await submitted(visit)
    given = await visit.form()
    if "file" in given:
        return await _taken(visit, str(given["file"]))
    try:
        content = await _sent(given)
        kept = await asyncio.to_thread(_packed, content)
    except Refused as refused:
        return _page(visit, None, error=faults.say(visit, refused), status=422)
    plan = await visit.console.database.read(_planned(visit, content))
    return _page(visit, plan, kept=kept, status=422 if plan.faults else 200)


async def _taken(visit: Visit, kept: str) -> Response:
    """Take the file that was shown, beside what is known by now; with a fault nothing is taken."""
    form = await submitted(visit)
    try:
        content = await asyncio.to_thread(_unpacked, kept)
        return await carry_out(visit, form, ADDRESS, TAKEN, lambda unit: _take(visit, unit, content))
    except NotPermitted:
        raise
    except Refused as refused:
        return _page(visit, None, error=faults.say(visit, refused), status=faults.status_of(refused))


def _take(visit: Visit, unit: Unit, content: bytes) -> None:
    plan = _planned(visit, content)(unit)
    if plan.faults or not plan.steps:
        raise Refused("knowledge_file_stale" if plan.faults else "knowledge_file_nothing")
    imports.take(visit.console.editions, unit, visit.staff, plan.steps)


def _planned(visit: Visit, content: bytes) -> Callable[[Unit], Plan]:
    demand(visit.staff, Action.WRITE_KNOWLEDGE)
    return lambda unit: imports.plan(visit.console.editions, unit, content)


async def _sent(given: FormData) -> bytes:
    sent = given.get("table")
    content = await sent.read(LARGEST + 1) if isinstance(sent, UploadFile) else b""
    if not content:
        raise Refused("import_file_missing")
    if len(content) > LARGEST:
        raise Refused("import_file_large", most=LARGEST // MEGABYTE)
    return content


def _packed(content: bytes) -> str:
    """As text for the page; Refused where that would be too long to come back."""
    kept = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(kept) > LARGEST_KEPT:
        raise Refused("import_file_large", most=LARGEST // MEGABYTE)
    return kept


def _unpacked(kept: str) -> bytes:
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(kept, validate=True), LARGEST + 1)
    except (binascii.Error, zlib.error):
        raise Refused("form_unreadable") from None
    if len(content) > LARGEST or not unpacking.eof:
        raise Refused("form_unreadable")
    return content


def _page(visit: Visit, plan: Plan | None, kept: str = "", error: str = "", status: int = 200) -> Response:
    return visit.page(
        "entry_files.html.j2",
        status,
        plan=plan,
        kept=kept,
        largest=LARGEST,
        megabytes=LARGEST // MEGABYTE,
        error=error,
    )
