"""The channel contract: what every platform adapter is, and what it may keep between calls."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.messages import Inbound, Outgoing, Receipt, StatusReport
from bot.vocabulary import Addressee, ChannelKind
from bot.vocabulary.health import Observation


class Unit(StrEnum):
    """In what a platform counts the length of a text."""

    BYTES = "bytes"
    UTF16 = "utf16"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True)
class Window:
    """When a platform lets us write first: `messages` within `span` after the client's last message.

    `reserve` of them are kept for a person's answer.
    """

    span: timedelta
    messages: int
    reserve: int = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages per second over the account, and per chat; None where the platform sets none."""

    account: float | None = None
    chat: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Sending one text to many at once: recipients of a call, calls per second, and how often a month each gets it.

    Where staff have to confirm each call it is also how a broadcast spares them a confirmation for each client. `media`
    are the kinds of things that can go with the text.
    """

    least: int
    most: int
    rate: float
    monthly: int
    media: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; a power it lacks is absent here.

    `media` are the kinds of things that can be enclosed: `card`, `image`, `file`. `menu` options can be tapped although
    the text carries their list as well, its last lines, one for each.
    `registered` are the forms that notices may go by outside a window: the key of a text, and its fields' patterns.
    `consented` are those of them that each use up a consent which the client gave on the platform: key of the text, and
    the form's own id. `action_window` opens with a menu click, a follow or a scan. `proactive`: something can be said
    outside the answer to a platform's request. `own_phone`: clients can share their telephone number, and the platform
    vouches for it. `hears`: what clients write there reaches us. `native_idempotency`: the platform knows what
    is sent once more by our id, for as long as `recognises` says; None where that does not end.
    """

    longest_text: int
    unit: Unit
    buttons: int = 0
    menu: int = 0
    media: frozenset[str] = frozenset()
    window: Window | None = None
    action_window: Window | None = None
    needs_staff_confirmation: bool = False
    rate: Rate = Rate()
    native_idempotency: bool = False
    recognises: timedelta | None = None
    personal_data_allowed: bool = True
    passive_reply: bool = False
    registered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    consented: Mapping[str, str] = field(default_factory=dict)
    group: Group | None = None
    proactive: bool = True
    own_phone: bool = False
    hears: bool = True


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An HTTP request, free of any web framework; header names in lower case."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What goes back over HTTP."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Received:
    """What a request meant.

    `answer` goes back at once or, where `passive` is given and a reply is ready in time, is replaced by
    `passive(text)`; `passive` returns None for a text that does not fit. `replay_key` is the request's
    time-stamp and nonce: the same key with another platform id is refused.
    """

    answer: HttpAnswer = HttpAnswer()
    items: Sequence[Inbound | StatusReport] = ()
    passive: Callable[[str], HttpAnswer | None] | None = None
    replay_key: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One address a platform calls: HTTP methods at the channel's hook."""

    methods: tuple[str, ...] = ("GET", "POST")


class Channel(Protocol):
    """One account on one platform."""

    @property
    def kind(self) -> ChannelKind:
        """The platform."""
        ...

    @property
    def account(self) -> str:
        """The name of our account in the settings, `main` for the first."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def routes(self) -> Sequence[Route]:
        """The addresses the platform calls; empty where it calls none."""
        ...

    async def receive(self, request: WebhookRequest) -> Received:
        """Verify and read a request; raises WebhookError for one that is not to be taken."""
        ...

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one message to the platform; raises SendError."""
        ...

    def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """What can be seen of the account and the platform, one thing after the other, without writing to anybody.

        `public_url` is where platforms are to reach the server. What goes wrong is an observation, not an error.
        """
        ...


@runtime_checkable
class Poller(Protocol):
    """A channel that can be asked for news where the platform cannot call us."""

    def poll(self) -> AsyncIterator[Sequence[Inbound | StatusReport]]:
        """Pages of news; the next one is asked for only when the consumer comes back for it."""
        ...


@runtime_checkable
class ResultSource(Protocol):
    """A channel whose results must be fetched."""

    async def results(self, platform_message_ids: Sequence[str]) -> Sequence[StatusReport]:
        """What became of these messages as far as the platform knows by now; raises SendError."""
        ...


@runtime_checkable
class Opener(Protocol):
    """A channel with something to open before use and to close at the end (connections, commands pushed)."""

    async def open(self) -> None:
        """Prepare; a platform out of reach is no error here."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class GroupSender(Protocol):
    """A channel that says one text to many recipients in one call; it need not tell who got it."""

    async def send_group(self, outgoing: Outgoing, addresses: Sequence[str]) -> Receipt:
        """Hand it over for all addresses, as one message; raises SendError."""
        ...


@runtime_checkable
class Withdrawer(Protocol):
    """A channel that can take back what still waits for staff."""

    async def withdraw(self, platform_message_ids: Sequence[str]) -> Sequence[StatusReport]:
        """Take these back; what staff confirmed before is reported, the rest will never go out. Raises SendError."""
        ...


@runtime_checkable
class Typist(Protocol):
    """A channel that can show that an answer is being written."""

    async def typing(self, to: Addressee) -> None:
        """Show it for a few seconds; a platform that does not want to is no error."""
        ...


@runtime_checkable
class MediaSource(Protocol):
    """A channel that keeps the bytes of what clients send until they are asked for."""

    async def fetch(self, media: Mapping[str, str], limit: int) -> bytes:
        """The bytes of what `Incoming.media` names, at most `limit` of them.

        Raises MediaRefused where there is nothing to be had any more or it is larger, and SendError where the
        platform may give it later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Notified:
    """Who of some members of staff will not see a notice: unknown there, or over their limit just now."""

    unknown: frozenset[str] = frozenset()
    over_limit: frozenset[str] = frozenset()


class StaffNotices(Protocol):
    """A way to tell members of staff something on their own platform."""

    async def notify(self, members: Sequence[str], text: str) -> Notified:
        """Tell these members, named as their platform names them; raises SendError."""
        ...


class ChannelState(Protocol):
    """What an adapter keeps between calls, shared by all processes: tokens, cursors, leases."""

    async def get(self, key: str) -> str | None:
        """The value, or None when absent or expired."""
        ...

    async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
        """Set a value."""
        ...

    async def put_if_absent(self, key: str, value: str, ttl: timedelta) -> bool:
        """Set a value unless a live one stands; True when it was set."""
        ...

    async def lease(self, key: str, holder: str, ttl: timedelta) -> bool:
        """Take or renew a lease; True while `holder` has it."""
        ...

    async def release(self, key: str, holder: str) -> None:
        """Give a lease back."""
        ...


@dataclass
class MemoryState:
    """ChannelState of one process, without a database (tests, commands)."""

    values: dict[str, str] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        """The value, or None."""
        return self.values.get(key)

    async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
        """Set a value; it never expires here."""
        self.values[key] = value

    async def put_if_absent(self, key: str, value: str, ttl: timedelta) -> bool:
        """Set a value unless one stands."""
        if key in self.values:
            return False
        self.values[key] = value
        return True

    async def lease(self, key: str, holder: str, ttl: timedelta) -> bool:
        """Take or renew a lease."""
        return self.values.setdefault(f"lease:{key}", holder) == holder

    async def release(self, key: str, holder: str) -> None:
        """Give a lease back."""
        if self.values.get(f"lease:{key}") == holder:
            del self.values[f"lease:{key}"]
