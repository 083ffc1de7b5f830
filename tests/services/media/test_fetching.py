"""From a stored message to a kept or refused file, whatever the platform does meanwhile."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import MovableClock
from bot.errors import (
    ChannelStopped,
    ContentRefused,
    MediaRefused,
    OutcomeUnknown,
    QuotaUsed,
    SendError,
    Throttled,
    TryLater,
)
from bot.messages import Incoming
from bot.vocabulary import (
    Addressee,
    ChannelKind,
    EntryKind,
    Level,
    Locale,
    MediaRefusal,
    MediaState,
    MessageKind,
    Owner,
)
from services.media.fetching import HELD, LIFE, Fetcher
from services.tickets import Matter, Tickets
from storage.models import ConversationRow, MediaRow
from storage.repositories import arrivals, chronicle, media, tickets
from storage.repositories.arrivals import Arrival
from storage.repositories.chronicle import Heard
from storage.repositories.inbox import Lease
from storage.repositories.tickets import Entry
from storage.unit import Database, Unit
from tests.handlers.rig import Ledger, hours
from tests.library import MemoryStore, shelf
from tests.packaged import texts
from tests.pictures import HTML, picture

PICTURE = picture()
CHAT = Addressee(ChannelKind.WECHAT, "main", "o1")


@dataclass
class Source:
    """A platform that gives what is scripted, the last one for ever; `asked` notes the media ids."""

    script: list[bytes | Exception] = field(default_factory=lambda: [PICTURE])
    asked: list[str] = field(default_factory=list)

    async def fetch(self, media: Mapping[str, str], limit: int) -> bytes:
        self.asked.append(media["media_id"])
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Rig:
    """A fetcher with everything it works on."""

    database: Database
    clock: MovableClock
    source: Source
    ledger: Ledger
    fetcher: Fetcher

    async def sent(self, name: str = "m1", kind: MessageKind = MessageKind.IMAGE, chat: Addressee = CHAT) -> int:
        """A client sends something; gives its conversation."""
        now = self.clock.now()
        item = Incoming(chat, f"p-{name}", kind, media={"media_id": name})
        lease = Lease("h", now, now)
        (stored,) = await self.database.write(lambda unit: arrivals.accept(unit, [Arrival(item)], lease))
        return stored.conversation_id

    async def change(self, conversation_id: int, **values: object) -> None:
        """Set something of a conversation."""

        def write(unit: Unit) -> None:
            for name, value in values.items():
                setattr(unit.session.get_one(ConversationRow, conversation_id), name, value)

        await self.database.write(write)

    async def rows(self) -> list[tuple[MediaState, MediaRefusal | None, str | None, int]]:
        """State, reason, type and tries of every file, in order."""
        chosen = select(MediaRow.state, MediaRow.reason, MediaRow.type, MediaRow.tries).order_by(MediaRow.id)
        return await self.database.read(
            lambda unit: [(row[0], row[1], row[2], row[3]) for row in unit.session.execute(chosen)]
        )

    @property
    def stored(self) -> dict[str, bytes]:
        """What lies in the store."""
        assert isinstance(self.fetcher.library.store, MemoryStore)
        return self.fetcher.library.store.items

    @property
    def told(self) -> list[str]:
        """Keys of what was said to clients."""
        return [submission.text_key for submission in self.ledger.asked]


@pytest.fixture
def rig(database: Database, clock: MovableClock) -> Rig:
    source, ledger = Source(), Ledger()
    sources = {(ChannelKind.WECHAT, "main"): source}
    return Rig(database, clock, source, ledger, Fetcher(shelf(database, clock), sources, ledger.submit, texts()))


async def test_a_picture_is_fetched_judged_and_kept(rig: Rig) -> None:
    conversation = await rig.sent()
    assert await rig.fetcher.work() == 1
    assert await rig.fetcher.work() == 0
    assert await rig.rows() == [(MediaState.KEPT, None, "image/jpeg", 1)]
    (line,) = (await rig.database.read(lambda unit: chronicle.stretch(unit, conversation))).lines
    assert isinstance(line, Heard)
    assert line.media is not None
    assert (line.media.state, line.media.type, line.media.size) == (MediaState.KEPT, "image/jpeg", len(PICTURE))
    assert len(rig.stored) == 1
    assert rig.told == []


@pytest.mark.parametrize(
    "kind", [kind for kind in MessageKind if kind.value not in ("image", "voice", "video", "file")]
)
async def test_what_is_no_file_is_not_fetched(rig: Rig, kind: MessageKind) -> None:
    await rig.sent(kind=kind)
    assert await rig.fetcher.work() == 0


async def test_a_repeated_push_is_fetched_once(rig: Rig) -> None:
    await rig.sent()
    await rig.sent()
    assert await rig.fetcher.work() == 1
    assert rig.source.asked == ["m1"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (HTML, MediaRefusal.SUSPECTED),
        (b"MZ" + b"\0" * 70, MediaRefusal.TYPE),
        (PICTURE + b"\0" * 200_000, MediaRefusal.TOO_LARGE),
        (MediaRefused(MediaRefusal.GONE), MediaRefusal.GONE),
        (ContentRefused("40099"), MediaRefusal.UNREACHED),
    ],
    ids=lambda value: value if isinstance(value, MediaRefusal) else "",
)
async def test_what_is_refused_says_why_and_is_not_asked_for_again(
    rig: Rig, answer: bytes | Exception, reason: MediaRefusal
) -> None:
    rig.source.script = [answer]
    await rig.sent()
    await rig.fetcher.work()
    rig.clock.move(LIFE)
    assert await rig.fetcher.work() == 0
    assert await rig.rows() == [(MediaState.REFUSED, reason, None, 1)]
    assert (rig.stored, rig.told) == ({}, [])


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (TryLater("-1"), timedelta(seconds=10)),
        (OutcomeUnknown("answer"), timedelta(seconds=10)),
        (ChannelStopped("40164"), timedelta(seconds=10)),
        (Throttled(77.0, "45011"), timedelta(seconds=77)),
        (QuotaUsed(MovableClock().now() + timedelta(hours=9), "45009"), timedelta(hours=9)),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_passing_fault_is_waited_out(rig: Rig, error: SendError, pause: timedelta) -> None:
    rig.source.script = [error, PICTURE]
    await rig.sent()
    await rig.fetcher.work()
    rig.clock.move(pause - timedelta(seconds=1))
    assert await rig.fetcher.work() == 0
    rig.clock.move(timedelta(seconds=1))
    assert await rig.fetcher.work() == 1
    assert await rig.rows() == [(MediaState.KEPT, None, "image/jpeg", 2)]


async def test_asking_ends_when_the_platform_keeps_it_no_longer(rig: Rig) -> None:
    rig.source.script = [TryLater("-1")]
    await rig.sent()
    began = rig.clock.now()
    while (await rig.rows())[0][0] is MediaState.WANTED:
        await rig.fetcher.work()
        rig.clock.move(timedelta(minutes=30))
    assert LIFE - timedelta(hours=2) <= rig.clock.now() - began <= LIFE + timedelta(hours=1)
    assert [(state, reason) for state, reason, *_ in await rig.rows()] == [(MediaState.REFUSED, MediaRefusal.UNREACHED)]
    assert 70 <= len(rig.source.asked) <= 90


async def test_a_store_out_of_reach_loses_nothing(rig: Rig) -> None:
    assert isinstance(rig.fetcher.library.store, MemoryStore)
    rig.fetcher.library.store.down = True
    await rig.sent()
    await rig.fetcher.work()
    rig.fetcher.library.store.down = False
    rig.clock.move(timedelta(seconds=10))
    await rig.fetcher.work()
    assert await rig.rows() == [(MediaState.KEPT, None, "image/jpeg", 2)]
    assert len(rig.stored) == 1


async def test_two_processes_never_fetch_the_same(rig: Rig) -> None:
    for number in range(12):
        await rig.sent(f"m{number}")
    other = Fetcher(rig.fetcher.library, rig.fetcher.sources, rig.ledger.submit, texts())
    while any(await asyncio.gather(rig.fetcher.work(), other.work())):
        continue
    assert sorted(rig.source.asked) == sorted(f"m{number}" for number in range(12))
    assert {state for state, *_ in await rig.rows()} == {MediaState.KEPT}


async def test_an_odd_fault_stops_neither_the_others_nor_the_next_try(rig: Rig) -> None:
    rig.source.script = [ZeroDivisionError(), PICTURE]
    await rig.sent("m1")
    await rig.sent("m2")
    assert await rig.fetcher.work() == 2
    assert sorted(state for state, *_ in await rig.rows()) == [MediaState.KEPT, MediaState.WANTED]
    rig.clock.move(HELD)
    assert await rig.fetcher.work() == 1
    assert {state for state, *_ in await rig.rows()} == {MediaState.KEPT}


async def test_what_a_dead_process_held_is_taken_up_and_lies_under_the_same_name(rig: Rig) -> None:
    await rig.sent()
    now = rig.clock.now()
    (held,) = await rig.database.write(lambda unit: media.claim(unit, now, now + HELD, 4))
    assert await rig.fetcher.work() == 0
    rig.clock.move(HELD)
    assert await rig.fetcher.work() == 1
    assert list(rig.stored) == [held.key]


async def test_an_account_that_gives_nothing_out_is_told_at_once(rig: Rig) -> None:
    await rig.sent(chat=Addressee(ChannelKind.WECHAT, "other", "o1"))
    await rig.fetcher.work()
    assert await rig.rows() == [(MediaState.REFUSED, MediaRefusal.UNREACHED, None, 1)]


@pytest.mark.parametrize("owner", [Owner.WAITING, Owner.STAFF])
async def test_who_waits_for_a_person_is_told_of_a_refusal_once(rig: Rig, owner: Owner) -> None:
    rig.source.script = [HTML]
    await rig.change(await rig.sent(), owner=owner)
    await rig.fetcher.work()
    assert rig.told == ["media_refused"]
    (said,) = rig.ledger.asked
    assert said.parameters == {"reason": "文件已损坏或含有不安全内容"}


async def test_a_complaint_that_lacks_its_file_is_told(rig: Rig) -> None:
    rig.source.script = [HTML]
    conversation = await rig.sent()

    def complain(unit: Unit) -> None:
        now = rig.clock.now()
        opened = Tickets(hours).complain(unit, Matter("x", Level.P3, conversation, None, now))
        tickets.add_entry(unit, opened.id, Entry(EntryKind.CLIENT_MESSAGE, now, "", inbox_id=1))

    await rig.database.write(complain)
    await rig.fetcher.work()
    assert rig.told == ["media_refused"]


async def test_the_loop_fetches_on_a_hint_and_ends_when_it_is_told(rig: Rig) -> None:
    seen = asyncio.Event()
    rig.database.listen(lambda signals: seen.set() if any(one.topic == "conversation" for one in signals) else None)
    running = asyncio.create_task(rig.fetcher.run())
    await asyncio.sleep(0)
    await rig.sent()
    seen.clear()
    rig.fetcher.wake()
    async with asyncio.timeout(10):
        await seen.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await rig.rows())[0][0] is MediaState.KEPT


def test_every_reason_has_its_words() -> None:
    assert all(texts().label(f"media_refusal_{reason}", locale) for reason in MediaRefusal for locale in Locale)
