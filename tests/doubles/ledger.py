"""What each recipient really got, in order, and every call that was made."""

import asyncio
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.clock import Clock
from tests.doubles.bell import Bell
from tests.doubles.faults import Answer


@dataclass(frozen=True)
class Button:
    """A button or menu line as the recipient sees it, and what comes back when it is pressed."""

    label: str
    data: str


@dataclass(frozen=True)
class Parcel:
    """Something a platform is about to put before a recipient."""

    recipient: str
    via: str
    text: str
    buttons: tuple[Button, ...] = ()
    form: str = "text"
    message_id: str = ""


@dataclass(frozen=True)
class Entry:
    """A parcel that arrived."""

    at: datetime
    parcel: Parcel

    @property
    def text(self) -> str:
        """The words the recipient reads, markup removed."""
        return self.parcel.text

    @property
    def via(self) -> str:
        """The road it came by: `passive`, `custom`, `template`, `mass`, `notice` or the Bot API method."""
        return self.parcel.via

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons under it."""
        return self.parcel.buttons


@dataclass(frozen=True)
class Call:
    """A request to the platform and the answer it was given; `answer` is None where the connection was cut."""

    method: str
    recipient: str
    answer: Answer | None


class Ledger:
    """The truth of a double: tests compare what the bot believes with this."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._entries: list[Entry] = []
        self.calls: list[Call] = []
        self._bell = Bell()

    def record(self, parcel: Parcel) -> Entry:
        """The parcel is now before its recipient."""
        entry = Entry(self.clock.now(), parcel)
        self._entries.append(entry)
        self._bell.ring()
        return entry

    def of(self, recipient: str | int) -> list[Entry]:
        """Everything one recipient got, oldest first."""
        return [entry for entry in self._entries if entry.parcel.recipient == str(recipient)]

    def texts(self, recipient: str | int) -> list[str]:
        """The words one recipient got, oldest first."""
        return [entry.text for entry in self.of(recipient)]

    def all(self) -> list[Entry]:
        """Everything anyone got, oldest first."""
        return list(self._entries)

    def duplicates(self) -> Counter[tuple[str, str]]:
        """(recipient, text) that arrived more than once, with how often."""
        counted = Counter((entry.parcel.recipient, entry.text) for entry in self._entries)
        return Counter({key: count for key, count in counted.items() if count > 1})

    def called(self, method: str) -> list[Call]:
        """The calls of one method, oldest first."""
        return [call for call in self.calls if call.method == method]

    async def arrived(self, recipient: str | int, count: int = 1, patience: float = 5.0) -> list[Entry]:
        """Wait until the recipient has `count` entries; TimeoutError after `patience` real seconds."""
        async with asyncio.timeout(patience):
            while len(self.of(recipient)) < count:
                await self._bell.wait()
        return self.of(recipient)

    def clear(self) -> None:
        """Forget entries and calls."""
        self._entries.clear()
        self.calls.clear()

    def page(self, recipient: str | None = None) -> list[dict[str, object]]:
        """The entries as JSON-ready rows, for the control pages."""
        chosen = self._entries if recipient is None else self.of(recipient)
        return [{"at": entry.at.isoformat(), **asdict(entry.parcel)} for entry in chosen]
