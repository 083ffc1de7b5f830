"""Writing down whom a broadcast goes to: a row for each recipient, in a row of short transactions.

Each client who was there when it began is judged once, by the condition as it was approved. Broken off, it goes on
where it stopped; two at a time do no harm; and nothing goes out before it is whole. With one statement for the whole
audience nobody else could write on SQLite for as long as it took: 3 s of 200,000 clients.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.clock import branch_date
from services import branch, segments
from services.broadcasts.board import RUNNING, Broadcasts
from services.broadcasts.content import TEXT_KEY, audience_of
from services.delivery.submission import Fanout
from storage.repositories import audiences
from storage.repositories import broadcasts as rows
from storage.repositories.broadcasts import Broadcast
from storage.repositories.fanout import CHUNK
from storage.unit import Database, Unit

PAGE = 20_000
"""Clients looked up at a time, with nothing written: a condition may have to look at everybody for each page."""
SLICE = 2 * CHUNK
"""Recipients written in one transaction: the writer is held for some 20 ms."""


async def freeze(database: Database, board: Broadcasts, broadcast_id: int) -> None:
    """Write the audience of a broadcast down to its end; what is not begun, stopped or frozen is left alone."""
    while found := await database.read(partial(_open, board=board, broadcast_id=broadcast_id)):
        ids = await database.read(partial(_page, board=board, found=found))
        if not ids:
            whole = await database.read(partial(rows.recipients, broadcast_id=found.id))
            await database.write(partial(_settle, found=found, whole=whole))
            continue
        first = await database.read(partial(rows.count_recipients, broadcast_id=found.id))
        for begin in range(0, len(ids), SLICE):
            part = ids[begin : begin + SLICE]
            write = partial(_write, board=board, found=found, ids=part, first=first + begin)
            if not await database.write(write):
                break
            found = replace(found, frozen_to=part[-1])


def _open(unit: Unit, board: Broadcasts, broadcast_id: int) -> Broadcast | None:
    found = board.one(unit, broadcast_id)
    return found if found.state in RUNNING and found.audience is None else None


def _page(unit: Unit, board: Broadcasts, found: Broadcast) -> list[int]:
    """The next clients who meet the condition, of those who were there when it began."""
    begun = found.started_at or board.clock.now()
    condition = segments.looked_up(unit, audience_of(found.content))
    audience = audiences.chosen(condition, branch_date(begun), board.only_clients_of(unit, found))
    return audiences.after(unit, audience, found.frozen_to, begun, PAGE)


def _write(unit: Unit, board: Broadcasts, found: Broadcast, ids: Sequence[int], first: int) -> bool:
    """A row for each of these; False where somebody else went on meanwhile, or it was stopped."""
    if not rows.advance(unit, found, ids[-1]):
        return False
    known = branch.present(unit)
    for locale, part in audiences.by_locale(audiences.these(ids)).items():
        wanted = _fanout(found, board.speech.sent(found.content, known, locale))
        first += board.delivery.submit_many(unit, wanted, part, first).rows
    return True


def _settle(unit: Unit, found: Broadcast, whole: rows.Recipients) -> None:
    """It may go out from now on."""
    if rows.settle_audience(unit, found, whole):
        for chunk in range(-(-whole.number // CHUNK)):
            unit.announce("chunk", f"{found.id}:{chunk}")


def _fanout(found: Broadcast, parameters: dict[str, object]) -> Fanout:
    content = found.content
    return Fanout(
        key=f"broadcast:{found.id}",
        purpose=content.purpose,
        text_key=TEXT_KEY,
        broadcast_id=found.id,
        parameters=parameters,
        expires_at=content.latest_at,
        material=content.material,
        product_risk=content.product_risk,
        topic=content.topic,
        author_id=found.author_id,
        media_id=content.media_id,
    )
