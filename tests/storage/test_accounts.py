"""What is noted on a chat when its other side does something."""

import pytest
from sqlalchemy import select, update

from bot.clock import MovableClock
from bot.messages import Event, Inbound, Incoming
from bot.vocabulary import Addressee, ChannelKind, EventKind, MessageKind
from storage.models import ChatAccountRow
from storage.repositories import accounts
from storage.unit import Database, Unit

CHAT = Addressee(ChannelKind.WECHAT, "main", "oClient1")
WRITES = Incoming(CHAT, "m1", MessageKind.TEXT, "您好")
TAPS = Incoming(CHAT, "m2", MessageKind.CHOICE, "好", choice="1", by_menu=True)


def event(kind: EventKind) -> Event:
    return Event(CHAT, "e1", kind)


@pytest.mark.parametrize(
    ("item", "wrote", "acted"),
    [
        (WRITES, True, False),
        (TAPS, False, True),
        (event(EventKind.FOLLOWED), False, True),
        (event(EventKind.SCANNED), False, True),
        (event(EventKind.CLICKED), False, True),
        (event(EventKind.VIEWED), False, False),
        (event(EventKind.OTHER), False, False),
    ],
)
async def test_which_window_opens(
    database: Database, clock: MovableClock, item: Inbound, wrote: bool, acted: bool
) -> None:
    now = clock.now()

    def happen(unit: Unit) -> None:
        accounts.meet(unit, CHAT, None, now)
        unit.session.execute(update(ChatAccountRow).values(window_used=4, action_used=2))
        accounts.mark(unit, [(1, item)], now)

    await database.write(happen)
    columns = ("last_inbound_at", "window_used", "acted_at", "action_used")
    chosen = select(*(getattr(ChatAccountRow, name) for name in columns))
    row = await database.read(lambda unit: unit.session.execute(chosen).one())
    assert row == (now if wrote else None, 0 if wrote else 4, now if acted else None, 0 if acted else 2)
