"""A message with a picture: fetched when it goes out, alone, and never given as half of itself."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.channels.base import Capabilities, Rate, Unit, Window
from bot.errors import ContentRefused, SendError, TryLater
from bot.messages import Document, Incoming, Picture
from bot.vocabulary import ChannelKind, DeliveryState, MediaState, MessageKind, Purpose
from services.delivery import late, sending
from services.delivery.gate import RECHECK
from services.delivery.submission import Route, Submission, Submitted
from storage.models import DeliveryRow, InboxRow, MediaRow
from storage.repositories import conversations
from storage.repositories.inbox import Work
from storage.unit import Unit as Transaction
from tests.services.delivery.office import Office, opened
from tests.services.delivery.test_pump import with_broadcast
from tests.services.delivery.wishes import reply

ILLUSTRATED = Capabilities(
    longest_text=2048, unit=Unit.BYTES, media=frozenset({"image"}), window=Window(timedelta(hours=48), 5)
)
WORDLESS = replace(ILLUSTRATED, media=frozenset())
WECHAT = ChannelKind.WECHAT
JPEG = Picture(b"\xff\xd8", "image/jpeg")


@dataclass
class Shelf:
    """Gives pictures by their ids; `refusals` are raised first."""

    refusals: list[SendError] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    thing: Picture | Document = JPEG

    async def draw(self, media_id: int) -> Picture | Document:
        self.asked.append(media_id)
        if self.refusals:
            raise self.refusals.pop(0)
        return self.thing


@pytest.fixture(params=[ILLUSTRATED], ids=["illustrated"])
def office(request: pytest.FixtureRequest, database_url: str) -> Iterator[Office]:
    with opened(database_url, {(WECHAT, "main"): request.param}) as ready:
        yield ready


async def illustrated(office: Office, key: str = "p") -> Submission:
    """What staff say with a picture."""
    now = office.clock.now()
    kept = {"state": MediaState.KEPT, "key": f"{key:0>8}", "type": "image/jpeg", "size": 2, "tries": 0}
    row = insert(MediaRow).values(kept | {"wanted_at": now, "next_at": now, "settled_at": now})
    media_id = await office.database.write(lambda unit: unit.session.scalar(row.returning(MediaRow.id)))
    return replace(reply(1, key=key, purpose=Purpose.STAFF_MESSAGE), media_id=media_id)


@pytest.fixture
async def shelf(office: Office) -> Shelf:
    shelf = Shelf()
    office.pump.enclosed = shelf.draw
    await office.clients(kind=WECHAT)
    return shelf


async def test_the_picture_goes_with_its_words(office: Office, shelf: Shelf) -> None:
    await office.submit(await illustrated(office))
    await office.drain(WECHAT)
    [sent] = office.ledger(WECHAT).sent
    assert (sent.text, sent.enclosed, shelf.asked) == ("您好", (JPEG,), [1])
    assert (await office.row()).state is DeliveryState.SENT


async def test_a_file_does_not_go_where_only_pictures_do(office: Office, shelf: Shelf) -> None:
    shelf.thing = Document(b"%PDF-1.4", "1.pdf")
    await office.submit(await illustrated(office))
    await office.drain(WECHAT)
    row = await office.row()
    assert (office.ledger(WECHAT).sent, row.state, row.rule) == ([], DeliveryState.FAILED, "content_refused")


async def test_it_is_not_merged_with_what_else_is_said(office: Office, shelf: Shelf) -> None:
    for submission in (reply(1, key="a"), await illustrated(office), reply(1, key="b"), reply(1, key="c")):
        await office.submit(submission)
    await office.drain(WECHAT)
    said = [(sent.text, len(sent.enclosed)) for sent in office.ledger(WECHAT).sent]
    assert said == [("您好", 0), ("您好", 1), ("您好\n\n您好", 0)]


@pytest.mark.parametrize(
    ("refusal", "state", "rule"),
    [
        (TryLater("media"), DeliveryState.PENDING, "try_later"),
        (ContentRefused("media"), DeliveryState.FAILED, "content_refused"),
    ],
)
async def test_a_picture_that_is_not_to_be_had(
    office: Office, shelf: Shelf, refusal: SendError, state: DeliveryState, rule: str
) -> None:
    shelf.refusals = [refusal]
    await office.submit(await illustrated(office))
    await office.drain(WECHAT)
    row = await office.row()
    assert (row.state, row.rule, office.ledger(WECHAT).sent) == (state, rule, [])


@pytest.mark.parametrize("office", [WORDLESS], indirect=True, ids=["wordless"])
async def test_half_of_it_is_not_said_where_pictures_are_not_shown(office: Office, shelf: Shelf) -> None:
    await office.submit(await illustrated(office))
    await office.drain(WECHAT)
    assert ((await office.row()).state, office.ledger(WECHAT).sent) == (DeliveryState.FAILED, [])


@pytest.mark.parametrize("office", [ILLUSTRATED, WORDLESS], indirect=True, ids=["illustrated", "wordless"])
async def test_a_broadcast_shows_its_picture_where_it_can_and_says_its_words_everywhere(
    office: Office, shelf: Shelf, request: pytest.FixtureRequest
) -> None:
    media_id = (await illustrated(office)).media_id
    await with_broadcast(office, "sending", media_id=media_id)
    await office.drain(WECHAT)
    [sent] = office.ledger(WECHAT).sent
    shown = "illustrated" in request.node.callspec.id
    assert (sent.text.startswith("明日"), sent.enclosed) == (True, (JPEG,) if shown else ())
    assert (await office.row()).state is DeliveryState.SENT


async def test_a_store_that_does_not_answer_leaves_no_doubt(
    office: Office, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST", 0.0)
    office.pump.enclosed = lambda _: asyncio.Event().wait()  # type: ignore[assignment, return-value]
    await office.submit(await illustrated(office))
    await office.drain(WECHAT)
    row = await office.row()
    assert (row.state, row.rule, row.doubted) == (DeliveryState.PENDING, "try_later", False)


@pytest.mark.parametrize("office", [replace(ILLUSTRATED, rate=Rate(account=4.0))], indirect=True, ids=["limited"])
async def test_a_picture_counts_as_a_message_of_its_own(office: Office, shelf: Shelf) -> None:
    for key in "abcde":
        await office.submit(await illustrated(office, key))
    await office.drain(WECHAT)
    assert (len(office.ledger(WECHAT).sent), sum(office.slept)) == (5, 2.0)  # ten messages, the first two at once


async def test_an_answer_inside_the_request_leaves_it_and_what_has_begun_to_the_pump(
    office: Office, shelf: Shelf
) -> None:
    for submission in (await illustrated(office), reply(1, key="begun"), reply(1, key="a")):
        await office.submit(submission)
    for row in await office.rows():
        until = office.clock.now() + RECHECK
        await office.change(DeliveryRow, row.id, rule="window", not_before=until, doubted=row.key == "begun")
    now = office.clock.now()
    heard = {"channel": WECHAT, "account": "main", "platform_id": "m", "conversation_id": 1, "kind": "text"}
    asked = insert(InboxRow).values(heard | {"text": "在吗", "received_at": now}).returning(InboxRow.id)

    def given(unit: Transaction) -> list[Submitted]:
        chat, inbox_id = conversations.by_id(unit, 1), unit.session.scalars(asked).one()
        assert chat is not None
        said = Incoming(chat.addressee, "m", MessageKind.TEXT, "在吗")
        return late.given(unit, Work(inbox_id, said, chat, None, None), Route.PASSIVE, now)

    assert [one.delivery_id for one in await office.database.write(given)] == [3]
    await office.drain(WECHAT)
    assert sorted(sent.delivery_id for sent in office.ledger(WECHAT).sent) == [1, 2]
