"""Staff read why a message did not go out in words, never as a name in the code."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.channels.wecom.tasks import GONE, LIMIT, UNCONFIRMED
from bot.errors import (
    AddressChanged,
    ChannelStopped,
    ContentRefused,
    OutcomeUnknown,
    QuotaUsed,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
    WindowClosed,
)
from bot.messages import REFUSED, UNCLEAR, Outgoing, StatusReport
from bot.texts import TEMPLATES
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, Locale
from services.delivery import fallback, gate
from services.delivery.sending import TRIES, Attempt, send
from tests.channels.settled import NOW, due
from tests.services.delivery.office import PLAIN, Ledger

TO = Outgoing(1, Addressee(ChannelKind.RECORDING, "main", "a"), "您好")
ERRORS: Mapping[type[SendError], Exception] = {
    ChannelStopped: ChannelStopped("40013"),
    ContentRefused: ContentRefused("45002"),
    OutcomeUnknown: OutcomeUnknown("timeout"),
    QuotaUsed: QuotaUsed(NOW, "45009"),
    RecipientGone: RecipientGone("43004"),
    Throttled: Throttled(1.0, "429"),
    TryLater: TryLater("-1"),
    WindowClosed: WindowClosed("45015"),
}
TOLD = {GONE, LIMIT, UNCONFIRMED, UNCLEAR, REFUSED, StatusReport(DeliveryState.FAILED).rule}


@pytest.fixture(scope="module")
def worded() -> list[set[str]]:
    """The rules that have words, in each catalogue of each language."""
    found = []
    for locale in Locale:
        folder = TEMPLATES / "locales" / locale.value
        told = tomllib.loads((folder / "commands.toml").read_text("utf-8"))
        found.append({name.removeprefix("rule_") for name in told if name.startswith("rule_")})
        found.append(set(tomllib.loads((folder / "console.toml").read_text("utf-8"))["rule"]))
    return found


@pytest.mark.parametrize("error", [*ERRORS.values(), KeyError("fault")], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("tried", [0, TRIES])
async def test_every_ending_of_a_try_has_words(worded: list[set[str]], error: Exception, tried: int) -> None:
    channel = Ledger(ChannelKind.RECORDING, "main", PLAIN, answers=[error])
    ending = await send(Attempt(replace(due(TO), attempts=tried), TO, channel, NOW))
    assert all(ending.result.rule is None or ending.result.rule in words for words in worded)


def test_every_rule_and_every_reason_that_is_told_later_has_words(worded: list[set[str]]) -> None:
    known = TOLD | fallback.TOLD | fallback.RULES | {rule.name for rule in gate.RULES}
    assert [known - words for words in worded] == [set()] * len(worded)


def test_every_error_is_tried_here() -> None:
    assert {*ERRORS, AddressChanged} == set(SendError.__subclasses__())
