"""Every error of a corp's interface, on the wire, leads to its outcome: at the desk, in the app, with contacts."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.base import Channel, MemoryState
from bot.channels.wecom import WecomAccount, WecomAppChannel, WecomChannel, WecomContactsChannel
from bot.clock import MovableClock
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind
from tests.channels.kit_wecom import NOBODY, PATIENCE
from tests.channels.settled import Fate, Outcome, fate, settle, slow, tries
from tests.channels.wecom import ACCOUNT, ADDRESS, CLIENT, MEMBER
from tests.doubles.faults import Answer, Delay, Effect, Fault, HangUp, KillToken, errcode, http_error, json_answer, junk
from tests.doubles.server import running
from tests.doubles.wecom import WecomDouble

WORDS = "您好"
TOKEN_CALL = "gettoken"
O = Outcome  # noqa: E741 (a table's abbreviation)
Parts = dict[str, tuple[str, str, str, Outcome]]
PARTS: Parts = {
    "desk": ("kf/send_msg", "main", ADDRESS, O.OK),
    "app": ("message/send", "main-app", MEMBER, O.OK),
    "contacts": ("externalcontact/add_msg_template", "main-contacts", CLIENT, O.AWAITING),
}
"""How each part sends: the call, the account, the address, and what a message that is taken comes to."""

MAKERS: dict[str, Callable[[WecomAccount, MemoryState, MovableClock], Channel]] = {
    "desk": WecomChannel,
    "app": WecomAppChannel,
    "contacts": WecomContactsChannel,
}


@dataclass
class Stage:
    """A corp whose client wrote at the desk and is a member's contact; one of its parts is looked at."""

    double: WecomDouble
    clock: MovableClock
    part: str

    def __post_init__(self) -> None:
        self.account = replace(ACCOUNT, api_root=self.double.root, patience=PATIENCE)

    async def settled(self, *effects: Effect, after: bool = False, call: str = "") -> Fate:
        """What one try comes to when the platform does this at its call."""
        name, main, address, _ = PARTS[self.part]
        self.double.faults.add(*(Fault(effect, call or name, after=after) for effect in effects))
        channel = MAKERS[self.part](self.account, MemoryState(), self.clock)
        outgoing = Outgoing(7, Addressee(ChannelKind.WECOM, main, address), WORDS)
        ending = await settle(channel, outgoing)
        await channel.close()  # type: ignore[attr-defined]
        assert WORDS not in (ending.result.error or "")
        return fate(ending)

    async def tried(self, effect: Effect) -> int:
        """How often a delivery is tried when the platform always does this at its call."""
        name, main, address, _ = PARTS[self.part]
        self.double.faults.add(Fault(effect, name, times=99))
        channel = MAKERS[self.part](self.account, MemoryState(), self.clock)
        try:
            return await tries(channel, Outgoing(7, Addressee(ChannelKind.WECOM, main, address), WORDS))
        finally:
            await channel.close()  # type: ignore[attr-defined]

    @property
    def arrived(self) -> list[str]:
        """What is before the client or the member."""
        return [*self.double.ledger.texts(CLIENT), *self.double.ledger.texts(MEMBER)]


@pytest_asyncio.fixture(params=PARTS)
async def stage(request: pytest.FixtureRequest, clock: MovableClock) -> AsyncIterator[Stage]:
    async with running(WecomDouble(clock)) as double:
        double.office.members.add(MEMBER)
        double.contacts.add(CLIENT, MEMBER)
        double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": "你好"}})
        clock.move(timedelta(minutes=1))
        yield Stage(double, clock, request.param)


CODES: dict[int, Outcome | Fate] = {
    -1: O.LATER,
    45009: slow(60),
    45033: slow(60),
    130101: slow(60),
    40003: O.GONE,
    40096: O.GONE,
    41048: O.GONE,
    60111: O.GONE,
    81013: O.GONE,
    84061: O.GONE,
    95001: O.WINDOW,
    95002: O.WINDOW,
    95013: O.WINDOW,
    95018: O.WINDOW,
    40007: O.CONTENT,
    40008: O.CONTENT,
    40035: O.CONTENT,
    40058: O.CONTENT,
    44004: O.CONTENT,
    45002: O.CONTENT,
    47001: O.CONTENT,
    95008: O.CONTENT,
    99999: O.CONTENT,
    40001: O.CONFIG,
    40013: O.CONFIG,
    40056: O.CONFIG,
    41001: O.CONFIG,
    48002: O.CONFIG,
    60020: O.CONFIG,
    93000: O.CONFIG,
    95000: O.CONFIG,
    95004: O.CONFIG,
    95017: O.CONFIG,
    301002: O.CONFIG,
}


@pytest.mark.parametrize(("code", "outcome"), CODES.items())
async def test_every_code(stage: Stage, code: int, outcome: Outcome | Fate) -> None:
    expected = outcome.value if isinstance(outcome, Outcome) else outcome
    assert await stage.settled(errcode(code)) == expected
    assert stage.arrived == []


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_refused_token_is_renewed_once_and_then_stops_the_account(stage: Stage, code: int) -> None:
    assert await stage.settled(errcode(code), errcode(code)) == O.CONFIG.value
    assert await stage.settled(errcode(code)) == PARTS[stage.part][3].value
    assert len(stage.double.ledger.called(PARTS[stage.part][0])) == 4


async def test_a_token_that_died_costs_nothing(stage: Stage) -> None:
    assert await stage.settled(KillToken()) == PARTS[stage.part][3].value


NOT_TAKEN: dict[str, tuple[Effect, Outcome]] = {
    "500": (http_error(500), O.LATER),
    "502": (http_error(502), O.LATER),
    "429": (http_error(429), O.LATER),
    "404": (http_error(404), O.CONFIG),
}


@pytest.mark.parametrize("effect", NOT_TAKEN)
async def test_what_is_no_answer_of_the_interface(stage: Stage, effect: str) -> None:
    assert await stage.settled(NOT_TAKEN[effect][0]) == NOT_TAKEN[effect][1].value


LOST: dict[str, Effect] = {
    "junk": junk(),
    "empty": Answer(),
    "no code": json_answer({"errmsg": "ok"}),
    "hang-up": HangUp(),
    "silence": Delay(PATIENCE.read * 3),
}


@pytest.mark.parametrize("effect", LOST)
async def test_a_lost_answer_is_open_unless_the_platform_knows_our_id(stage: Stage, effect: str) -> None:
    found = await stage.settled(LOST[effect], after=True)
    assert found == (O.UNKNOWN if stage.part == "contacts" else O.REPEATABLE).value
    assert stage.arrived == ([] if stage.part == "contacts" else [WORDS])


@pytest.mark.parametrize("effect", LOST)
async def test_a_token_that_did_not_come_leaves_nothing_open(stage: Stage, effect: str) -> None:
    """A GET may be asked twice by the library."""
    assert await stage.settled(LOST[effect], LOST[effect], call=TOKEN_CALL) == O.LATER.value


@pytest.mark.parametrize(
    ("account", "outcome"),
    [
        ({"api_root": NOBODY}, O.LATER),
        ({"corp_id": "another"}, O.CONFIG),
        ({"secret": "x", "kf_secret": "x", "contact_secret": "x"}, O.CONFIG),
    ],
    ids=["nobody there", "another corp", "wrong secret"],
)
async def test_what_the_settings_lead_to(stage: Stage, account: dict[str, object], outcome: Outcome) -> None:
    stage.account = replace(stage.account, **account)  # type: ignore[arg-type]
    assert await stage.settled() == outcome.value


async def test_what_is_taken_is_with_the_recipient_or_with_staff(stage: Stage) -> None:
    assert await stage.settled() == PARTS[stage.part][3].value


@pytest.mark.parametrize(
    ("stage", "answer"),
    [("app", {"invaliduser": "zhangsan"}), ("contacts", {"msgid": "msg1", "fail_list": [CLIENT]})],
    indirect=["stage"],
)
async def test_success_minus_those_it_does_not_reach(stage: Stage, answer: dict[str, object]) -> None:
    assert await stage.settled(json_answer({"errcode": 0, "errmsg": "ok", **answer})) == O.GONE.value


TRIES: dict[str, tuple[Effect, int]] = {
    "-1": (errcode(-1), 3),
    "41096": (errcode(41096), 8),
    "500": (http_error(500), 8),
    "429": (http_error(429), 8),
    "45009": (errcode(45009), 0),
    "45033": (errcode(45033), 0),
    "130101": (errcode(130101), 0),
    "60020": (errcode(60020), 0),
    "40001": (errcode(40001), 0),
    "45002": (errcode(45002), 1),
    "81013": (errcode(81013), 1),
}
"""How often a delivery is tried while its call is always answered alike; 0: it waits, and is not given up."""


@pytest.mark.parametrize("signal", TRIES)
async def test_how_often_each_answer_is_tried(stage: Stage, signal: str) -> None:
    effect, times = TRIES[signal]
    assert await stage.tried(effect) == times
    assert stage.arrived == []
