"""What every channel must do: one table of cases, run against each adapter through its kit.

To join, an adapter brings a `Kit` (its channel, its double, and how platform and client act) and stands in `KITS` of
`test_contract.py`. A case that cannot apply to it is named in `exempt` with the reason in words.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import pytest

from bot.channels.base import Capabilities, Channel, Received, Unit, WebhookRequest
from bot.errors import (
    OutcomeUnknown,
    QuanfuError,
    RecipientGone,
    RequestStale,
    SendError,
    SignatureWrong,
    Throttled,
    TryLater,
)
from bot.messages import Event, Incoming, Outgoing, ShownOption
from bot.vocabulary import Addressee, DeliveryState
from bot.vocabulary.health import Observation, Remark, Verdict

WORDS = "开盘时间是九点半"
SENTENCE = "市场有风险，投资需谨慎。"


class Kit(Protocol):
    """One adapter beside its double. Requests are free of a web framework, as the adapter gets them."""

    @property
    def channel(self) -> Channel:
        """The adapter, pointed at the double."""
        ...

    @property
    def client(self) -> Addressee:
        """Somebody who may be written to."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """What no log line and no error may show, beside texts and the client's address."""
        ...

    @property
    def exempt(self) -> Mapping[str, str]:
        """Names of cases that cannot apply, each with the reason."""
        ...

    def pushed(self, text: str) -> WebhookRequest:
        """The platform's genuine request for a text that the client wrote."""
        ...

    def retried(self, request: WebhookRequest) -> WebhookRequest:
        """The same push once more, as the platform repeats it when it was not acknowledged."""
        ...

    def reused(self, request: WebhookRequest, text: str) -> WebhookRequest:
        """Another message under time-stamp and nonce of an earlier request."""
        ...

    def forged(self, text: str) -> Sequence[WebhookRequest]:
        """Requests that are not the platform's: wrong, missing, empty signature or secret."""
        ...

    def stale(self, text: str) -> WebhookRequest:
        """A genuine request of an hour ago."""
        ...

    def signed(self, body: bytes) -> WebhookRequest:
        """Any body under a valid signature."""
        ...

    def got(self) -> Sequence[str]:
        """The texts that the client really has, oldest first."""
        ...

    def throttle(self) -> float:
        """Let the next call be refused as too fast; the seconds that the adapter must report."""
        ...

    def block(self) -> None:
        """The client no longer wants our messages."""
        ...

    def refuse_with_200(self) -> None:
        """Answer the next call with HTTP 200 and an error in the body, nothing delivered."""
        ...

    def answer_junk(self) -> None:
        """Deliver the next message, and answer HTTP 200 with a page instead of a result."""
        ...

    def fall_silent(self) -> None:
        """Deliver the next message, and answer only after the adapter's patience has run out."""
        ...

    def hang_up(self) -> None:
        """Deliver the next message, and cut the connection."""
        ...

    def unreachable(self) -> Channel:
        """The same account at an address where nobody listens."""
        ...


Case = Callable[[Kit], Awaitable[None]]


def message(kit: Kit, text: str = WORDS, options: tuple[ShownOption, ...] = ()) -> Outgoing:
    """A message for the kit's client."""
    return Outgoing(17, kit.client, text, options, idempotency_key="delivery:17")


def length(text: str, capabilities: Capabilities) -> int:
    """How long a text is in the channel's own unit."""
    encoding = {Unit.BYTES: ("utf-8", 1), Unit.UTF16: ("utf-16-le", 2), Unit.CHARACTERS: ("utf-32-le", 4)}
    name, width = encoding[capabilities.unit]
    return len(text.encode(name)) // width


async def only_item(kit: Kit, request: WebhookRequest) -> Incoming | Event:
    """The one thing a request brought."""
    received: Received = await kit.channel.receive(request)
    [item] = received.items
    assert isinstance(item, Incoming | Event)
    return item


async def a_text_comes_in(kit: Kit) -> None:
    """Sender, words and a platform id are read."""
    item = await only_item(kit, kit.pushed(WORDS))
    assert isinstance(item, Incoming)
    assert (item.sender, item.text) == (kit.client, WORDS)
    assert item.platform_id


async def two_texts_are_two(kit: Kit) -> None:
    """The same words sent twice are two messages."""
    first, second = [await only_item(kit, kit.pushed(WORDS)) for _ in range(2)]
    assert first.platform_id != second.platform_id


async def a_wrong_signature_is_refused(kit: Kit) -> None:
    """Nothing is taken from who cannot sign."""
    requests = kit.forged(WORDS)
    assert requests
    for request in requests:
        with pytest.raises(SignatureWrong):
            await kit.channel.receive(request)


async def a_stale_request_is_refused(kit: Kit) -> None:
    """A recorded request cannot be played later."""
    with pytest.raises(RequestStale):
        await kit.channel.receive(kit.stale(WORDS))


async def a_retry_is_recognisable(kit: Kit) -> None:
    """The platform's second try has the same platform id, so it is stored once."""
    request = kit.pushed(WORDS)
    first, again = await only_item(kit, request), await only_item(kit, kit.retried(request))
    assert first.platform_id == again.platform_id


async def a_reused_nonce_is_recognisable(kit: Kit) -> None:
    """The same replay key with another platform id gives the forger away."""
    request = kit.pushed(WORDS)
    first, second = [await kit.channel.receive(one) for one in (request, kit.reused(request, SENTENCE))]
    assert first.replay_key == second.replay_key is not None
    [one], [other] = first.items, second.items
    assert isinstance(one, Incoming)
    assert isinstance(other, Incoming)
    assert one.platform_id != other.platform_id


async def a_message_goes_out(kit: Kit) -> None:
    """The client has the very words, special signs included, and the receipt says how far it came."""
    text = f"{WORDS} <b>&amp; ]]> \\ \" 'end' 👍"
    receipt = await kit.channel.send(message(kit, text))
    assert kit.got() == [text]
    assert receipt.state in (DeliveryState.SENT, DeliveryState.DELIVERED)


async def a_long_text_is_split_at_sentences(kit: Kit) -> None:
    """Every part fits, ends with a sentence, and nothing is lost."""
    capabilities = kit.channel.capabilities
    text = SENTENCE * (capabilities.longest_text * 5 // 2 // length(SENTENCE, capabilities))
    await kit.channel.send(message(kit, text))
    parts = kit.got()
    assert "".join(parts) == text
    assert len(parts) >= 3
    for part in parts:
        assert length(part, capabilities) <= capabilities.longest_text
        assert part.endswith(SENTENCE[-1])


async def a_200_with_an_error_is_a_failure(kit: Kit) -> None:
    """HTTP 200 is no receipt."""
    kit.refuse_with_200()
    with pytest.raises(SendError):
        await kit.channel.send(message(kit))
    assert kit.got() == []


async def throttled_waits_as_told(kit: Kit) -> None:
    """The platform's own number is handed on; the next try goes through."""
    seconds = kit.throttle()
    with pytest.raises(Throttled) as caught:
        await kit.channel.send(message(kit))
    assert caught.value.retry_after == seconds
    await kit.channel.send(message(kit))
    assert kit.got() == [WORDS]


async def a_client_who_blocked_us_is_gone(kit: Kit) -> None:
    """Permanent for this address."""
    kit.block()
    with pytest.raises(RecipientGone):
        await kit.channel.send(message(kit))
    assert kit.got() == []


async def a_lost_answer_leaves_the_outcome_open(kit: Kit) -> None:
    """The client has it, we cannot know: never a plain failure, never sent again by the adapter."""
    for number, fault in enumerate((kit.fall_silent, kit.hang_up, kit.answer_junk), 1):
        fault()
        with pytest.raises(OutcomeUnknown):
            await kit.channel.send(replace(message(kit, f"{WORDS}{number}"), delivery_id=number))
    assert kit.got() == [f"{WORDS}1", f"{WORDS}2", f"{WORDS}3"]


async def a_platform_out_of_reach_is_tried_later(kit: Kit) -> None:
    """Surely not delivered, so it may be repeated."""
    with pytest.raises(TryLater):
        await kit.unreachable().send(message(kit))
    assert kit.got() == []


async def a_check_finds_nothing_wrong(kit: Kit) -> None:
    """On a platform in order, and nobody is written to."""
    seen = await checked(kit.channel)
    assert [one for one in seen if one.verdict is Verdict.FAULT] == []
    assert any(one.verdict is Verdict.OK for one in seen)
    assert kit.got() == []


async def a_check_of_a_dead_platform_is_a_fault(kit: Kit) -> None:
    """A row that says so, and no error."""
    assert Remark.ACCOUNT_UNREACHED in [one.remark for one in await checked(kit.unreachable())]


async def checked(channel: Channel) -> list[Observation]:
    """What a channel without a public address sees."""
    return [one async for one in channel.check(None)]


CASES: tuple[Case, ...] = (
    a_text_comes_in,
    two_texts_are_two,
    a_wrong_signature_is_refused,
    a_stale_request_is_refused,
    a_retry_is_recognisable,
    a_reused_nonce_is_recognisable,
    a_message_goes_out,
    a_long_text_is_split_at_sentences,
    a_200_with_an_error_is_a_failure,
    throttled_waits_as_told,
    a_client_who_blocked_us_is_gone,
    a_lost_answer_leaves_the_outcome_open,
    a_platform_out_of_reach_is_tried_later,
    a_check_finds_nothing_wrong,
    a_check_of_a_dead_platform_is_a_fault,
)

EVERY_FAULT = ("throttle", "refuse_with_200", "answer_junk", "fall_silent", "hang_up", "block")
"""Names of the kit's acts that make the next message fail; the last one for good."""


async def everything_goes_wrong(kit: Kit) -> list[Exception]:
    """Every refusal a channel can give, in and out, as raised."""
    requests = [] if a_text_comes_in.__name__ in kit.exempt else _bad_requests(kit)
    raised = [await _error_of(kit.channel.receive(request)) for request in requests]
    for fault in EVERY_FAULT:
        getattr(kit, fault)()
        raised.append(await _error_of(kit.channel.send(message(kit))))
    raised.append(await _error_of(kit.unreachable().send(message(kit))))
    return raised


def _bad_requests(kit: Kit) -> list[WebhookRequest]:
    return [*kit.forged(WORDS), kit.signed(WORDS.encode()), kit.signed(kit.pushed(WORDS).body[:-5])]


async def _error_of(work: Awaitable[object]) -> Exception:
    with pytest.raises(QuanfuError) as caught:
        await work
    return caught.value
