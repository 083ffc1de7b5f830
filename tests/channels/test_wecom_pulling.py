"""What clients wrote to a service desk is pulled once, by one process, and not given up before it is stored."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import MemoryState
from bot.channels.wecom import Pace, WecomChannel
from bot.channels.wecom.msgids import MsgIds
from bot.channels.wecom.rows import Item, RowReader, entrance
from bot.clock import MovableClock
from bot.messages import Event, Incoming, StatusReport
from bot.vocabulary import DeliveryState, EventKind, MessageKind
from tests.channels.kit_wecom import WecomKit, opened
from tests.channels.waiting import until
from tests.channels.wecom import ACCOUNT, ADDRESS, CALL, CLIENT, Guarded, Pushing, outgoing
from tests.doubles.faults import Effect, Fault, HangUp, KillToken, errcode, http_error, json_answer, junk
from tests.doubles.wecom import OPEN_KFID
from tests.doubles.wecom.desk import REFUSED_BY_CLIENT
from tests.doubles.wecom.push import Seal

SYNC = "kf/sync_msg"


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WecomKit]:
    async with opened(clock) as opened_kit, asyncio.timeout(20):
        opened_kit.double.desk.rows.clear()
        yield opened_kit


def wrote(kit: WecomKit, *texts: str) -> None:
    for text in texts:
        kit.double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": text}})


async def called(kit: WecomKit, channel: WecomChannel | None = None, token: str | None = None) -> None:
    """The platform's callback."""
    fields = {**CALL, "Token": kit.double.desk.token() if token is None else token}
    seal = Seal(str(int(kit.clock.now().timestamp())), f"n{next(kit.numbers)}")
    await (channel or kit.channel).receive(Pushing(seal=seal).post(fields))


async def pulled(kit: WecomKit, pages: int = 1, channel: WecomChannel | None = None) -> list[Item]:
    """What the next pages bring; the last one is not yet stored."""
    items: list[Item] = []
    async with aclosing((channel or kit.channel).poll()) as news:
        for _ in range(pages):
            items += await anext(news)
    return items


def words(items: Sequence[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Incoming)]


async def test_a_text_is_pulled_with_sender_words_and_time(kit: WecomKit) -> None:
    wrote(kit, "股票几点开盘")
    await called(kit)
    [item] = await pulled(kit)
    assert isinstance(item, Incoming)
    assert item.sender == kit.client
    assert (item.kind, item.text, item.sent_at) == (MessageKind.TEXT, "股票几点开盘", kit.clock.now())
    assert item.platform_id == kit.double.desk.rows[0][1]["msgid"]


async def test_pages_come_in_order_and_an_empty_one_is_not_the_end(kit: WecomKit) -> None:
    wrote(kit, *"abc")
    kit.double.desk.page, kit.double.desk.gaps = 2, 1
    await called(kit)
    assert words(await pulled(kit, pages=2)) == ["a", "b", "c"]
    assert len(kit.double.ledger.called(SYNC)) == 3


async def test_a_page_that_was_not_stored_is_pulled_again(kit: WecomKit) -> None:
    wrote(kit, "a")
    assert words(await pulled(kit)) == ["a"]
    assert words(await pulled(kit, channel=kit.another())) == ["a"]


async def test_a_stored_page_is_not_pulled_again(kit: WecomKit) -> None:
    kit.double.desk.page = 1
    wrote(kit, "a", "b")
    assert words(await pulled(kit, pages=2)) == ["a", "b"]
    assert words(await pulled(kit, channel=kit.another())) == ["b"]


async def test_a_new_callback_wakes_the_pull(kit: WecomKit) -> None:
    async with aclosing(kit.channel.poll()) as news:
        for text in ("a", "b"):
            wrote(kit, text)
            await called(kit)
            assert words(await anext(news)) == [text]


async def test_a_callback_at_another_process_wakes_the_one_that_pulls(kit: WecomKit) -> None:
    async with aclosing(kit.channel.poll()) as news:
        wrote(kit, "a")
        await anext(news)
        wrote(kit, "b")
        await called(kit, kit.another())
        assert words(await anext(news)) == ["b"]


async def test_a_lost_callback_is_made_good_by_the_sweep(kit: WecomKit) -> None:
    async with aclosing(kit.channel.poll()) as news:
        wrote(kit, "a")
        await anext(news)
        wrote(kit, "b")
        kit.clock.move(ACCOUNT.pace.sweep)
        assert words(await anext(news)) == ["b"]


async def test_only_the_holder_of_the_lease_pulls_and_another_takes_over(kit: WecomKit) -> None:
    state = Guarded(held=True)
    channel = kit.another(state)
    wrote(kit, "a")
    async with aclosing(channel.poll()) as news:
        page = asyncio.create_task(anext(news))
        await until(lambda: state.refused >= 2)
        assert kit.double.ledger.called(SYNC) == []
        state.held = False
        assert words(await page) == ["a"]
    assert Pace().lease + timedelta(seconds=Pace().look) <= timedelta(seconds=15)


async def test_a_cursor_that_cannot_be_kept_repeats_the_page(kit: WecomKit) -> None:
    channel = kit.another(Guarded(full=1))
    wrote(kit, "a")
    assert words(await pulled(kit, pages=2, channel=channel)) == ["a", "a"]


async def test_who_lost_the_lease_meanwhile_leaves_the_place_to_the_other(kit: WecomKit) -> None:
    state = Guarded()
    wrote(kit, "a")
    async with aclosing(kit.another(state).poll()) as news:
        await anext(news)
        kit.clock.move(Pace().lease)  # so slow was the database
        state.held = True
        rest = asyncio.create_task(anext(news))
        await until(lambda: state.refused >= 1)
        assert not [key for key in state.values if key.startswith("cursor:")]
        state.held = False
        assert words(await rest) == ["a"]


FAULTS: dict[str, Effect] = {
    "busy": errcode(-1),
    "forbidden": errcode(48002),
    "500": http_error(),
    "junk": junk(),
    "hang-up": HangUp(),
    "no page": json_answer({"errcode": 0}),
    "killed token": KillToken(),
}


@pytest.mark.parametrize("effect", FAULTS.values(), ids=FAULTS)
async def test_no_fault_ends_the_pull(kit: WecomKit, effect: Effect) -> None:
    wrote(kit, "a")
    kit.double.faults.add(Fault(effect, SYNC))
    assert words(await pulled(kit)) == ["a"]


async def test_a_desk_that_is_refused_holds_up_no_other(kit: WecomKit) -> None:
    pace = Pace(look=0.01, first_pause=30.0)
    both = replace(kit.account, kf_ids=("wkGone", OPEN_KFID), pace=pace)
    channel = WecomChannel(both, MemoryState(), kit.clock)
    wrote(kit, "a")
    assert words(await pulled(kit, channel=channel)) == ["a"]
    await channel.close()
    assert len(kit.double.ledger.called(SYNC)) == 2


async def test_an_expired_callback_token_is_left_out(kit: WecomKit) -> None:
    wrote(kit, "a")
    await called(kit, token="long ago")
    assert words(await pulled(kit)) == ["a"]
    assert len(kit.double.ledger.called(SYNC)) == 2


async def test_the_first_pull_leaves_old_messages_alone(kit: WecomKit) -> None:
    wrote(kit, "old")
    kit.clock.move(timedelta(hours=1))
    wrote(kit, "new")
    assert words(await pulled(kit)) == ["new"]


async def test_later_pulls_take_what_waited_for_hours(kit: WecomKit) -> None:
    async with aclosing(kit.channel.poll()) as news:
        wrote(kit, "a")
        await anext(news)
        wrote(kit, "b")
        kit.clock.move(timedelta(hours=5))
        assert words(await anext(news)) == ["b"]


async def test_another_desk_of_the_corp_is_not_ours(kit: WecomKit) -> None:
    await kit.channel.receive(Pushing().post({**CALL, "OpenKfId": "wkSomebodyElse"}))
    assert not [key for key in kit.state.values if key.startswith("call:")]


async def test_what_a_client_refuses_is_reported_and_closes_the_chat(kit: WecomKit) -> None:
    kit.double.client(CLIENT).refuse()
    wrote(kit, "a")
    [name] = (await kit.channel.send(outgoing(delivery_id=4711))).platform_message_ids
    [text, report, event] = await pulled(kit)
    assert isinstance(text, Incoming)
    assert report == StatusReport(DeliveryState.FAILED, name, 4711, code=f"fail_type {REFUSED_BY_CLIENT}")
    assert isinstance(event, Event)
    assert (event.kind, event.sender) == (EventKind.UNFOLLOWED, kit.client)


@pytest.mark.parametrize(
    ("text", "reason", "rules"),
    [
        *(("一", plain, ["reported"]) for plain in (1, 2, 4, 5, 6, 8, 11)),
        *(("一", forbidden, ["content_refused"]) for forbidden in (12, 13)),
        *(("一", unheard_of, ["unclear"]) for unheard_of in (0, 3, 99)),
        ("一二三" * 300, 6, ["reported", "unclear"]),
    ],
)
async def test_a_failure_says_whether_anything_may_have_arrived(
    kit: WecomKit, text: str, reason: int, rules: list[str]
) -> None:
    kit.double.desk.session(CLIENT).failing = reason
    wrote(kit, "a")
    names = (await kit.channel.send(outgoing(text))).platform_message_ids
    [_, *reports] = await pulled(kit)
    told = [(one.platform_message_id, one.rule) for one in reports if isinstance(one, StatusReport)]
    assert told == list(zip(names, rules, strict=True))


async def test_a_failure_of_another_database_is_not_ours(kit: WecomKit) -> None:
    stranger = kit.another(MemoryState())
    kit.double.desk.session(CLIENT).failing = 4
    await stranger.send(outgoing())
    wrote(kit, "a")
    assert [type(item) for item in await pulled(kit)] == [Incoming]


async def test_who_enters_is_welcomed_once_by_the_code(kit: WecomKit) -> None:
    kit.double.desk.sessions.clear()
    kit.double.desk.entered(CLIENT, "oa_menu", "bind_ABCD2345")
    [event] = await pulled(kit)
    assert isinstance(event, Event)
    assert (event.kind, event.value) == (EventKind.FOLLOWED, "bind_ABCD2345")
    await kit.channel.send(outgoing("欢迎"))
    assert [(entry.via, entry.text) for entry in kit.double.ledger.of(CLIENT)] == [("kf_welcome", "欢迎")]


async def test_who_comes_back_within_two_days_is_not_greeted_again(kit: WecomKit) -> None:
    kit.double.desk.entered(CLIENT, "oa_menu")
    kit.double.desk.entered(CLIENT, "oa_menu", "bind_ABCD2345")
    items = await pulled(kit)
    found = [(item.kind, item.value) for item in items if isinstance(item, Event)]
    assert found == [(EventKind.OTHER, "enter_session"), (EventKind.SCANNED, "bind_ABCD2345")]


READER = RowReader("main", MsgIds("0a1b2c3d"))
SENDER = {"open_kfid": OPEN_KFID, "external_userid": CLIENT, "msgid": "m1", "origin": 3}
MESSAGES = {
    "menu": ("text", {"content": "查进度", "menu_id": "progress"}, MessageKind.TEXT, "查进度", {}),
    "image": ("image", {"media_id": "m"}, MessageKind.IMAGE, "", {"media_id": "m"}),
    "voice": ("voice", {"media_id": "m"}, MessageKind.VOICE, "", {"media_id": "m"}),
    "video": ("video", {"media_id": "m"}, MessageKind.VIDEO, "", {"media_id": "m"}),
    "file": ("file", {"media_id": "m"}, MessageKind.FILE, "", {"media_id": "m"}),
    "location": (
        "location",
        {"latitude": 31.5, "longitude": 121.25, "name": "广场", "address": "上海"},
        *(MessageKind.LOCATION, "广场\n上海", {"latitude": "31.5", "longitude": "121.25", "label": "广场"}),
    ),
    "link": (
        "link",
        {"title": "T", "desc": "D", "url": "https://a.example", "pic_url": "https://b.example"},
        *(MessageKind.LINK, "T\nhttps://a.example"),
        {"title": "T", "description": "D", "url": "https://a.example", "thumbnail_url": "https://b.example"},
    ),
    "card": ("business_card", {"userid": "zhang"}, MessageKind.UNSUPPORTED, "", {}),
    "nothing": ("text", None, MessageKind.TEXT, "", {}),
}


@pytest.mark.parametrize(("name", "inner", "kind", "text", "media"), MESSAGES.values(), ids=MESSAGES)
def test_every_kind_of_message_is_read(
    name: str, inner: object, kind: MessageKind, text: str, media: dict[str, str]
) -> None:
    [item] = READER.items({**SENDER, "msgtype": name, name: inner})
    assert isinstance(item, Incoming)
    assert (item.sender.address, item.platform_id) == (ADDRESS, "m1")
    assert (item.kind, item.text, item.media) == (kind, text, media)
    assert item.choice == ("progress" if text == "查进度" else None)


def test_what_a_client_takes_back_is_told() -> None:
    event = {"event_type": "user_recall_msg", "open_kfid": OPEN_KFID, "external_userid": CLIENT, "recall_msgid": "m"}
    [item] = READER.items({"msgid": "m2", "origin": 4, "msgtype": "event", "event": event})
    assert isinstance(item, Incoming)
    assert item.kind is MessageKind.RECALLED


@pytest.mark.parametrize("row", [{}, {**SENDER, "origin": 5}, {**SENDER, "msgid": ""}, {**SENDER, "msgid": "m" * 65}])
def test_what_members_wrote_and_what_has_no_name_is_passed_over(row: dict[str, object]) -> None:
    assert READER.items({"msgtype": "text", **row}) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*SENDER, "event", "text"]), inner),
    max_leaves=8,
)
NAMES = [*SENDER, "msgtype", "event", "text", "event_type", "fail_msgid", "send_time", "welcome_code", "scene_param"]


@given(st.dictionaries(st.sampled_from(NAMES), JSON | st.sampled_from([3, 4, "event", "text"])))
def test_no_row_breaks_the_reader(row: dict[str, object]) -> None:
    for item in READER.items(row):
        assert isinstance(item, Incoming | Event | StatusReport)
    entrance(row)
