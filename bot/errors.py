"""All exceptions of the product.

QuanfuError
├── SettingsWrong            settings missing or contradictory; carries every fault
├── StorageError
│   ├── DatabaseBusy         no turn at the writer in time, locked or unreachable: try again
│   ├── NotMigrated          the database is older than the program
│   ├── KeyMissing           an encryption key is missing or does not fit
│   └── StoreUnavailable     the place where media lie did not do what was asked: try again
├── CalendarYearMissing      no calendar of that year has been imported
├── Refused                  a rule of the house says no; carries a text key for the reader
│   ├── NotPermitted
│   └── Conflict             somebody else changed it meanwhile, or the state does not allow it
├── EmbedderFailed           no vector of a text; the answer is found without
├── ModelFailed              the language model wrote nothing that can be read; the approved words are said
├── MediaRefused             a picture or file is not kept; carries the reason
├── TextError
│   ├── UnknownText          no text or label has this key
│   ├── TextParametersWrong  parameters missing, surplus or of a wrong kind
│   └── TextsBroken          the catalogue itself is incomplete; carries every fault
├── WebhookError
│   ├── SignatureWrong       403, nothing stored
│   ├── RequestStale         403, nothing stored
│   └── BodyUnreadable       signed but unreadable: acknowledged and logged
└── SendError                a platform did not take a message
    ├── Throttled            wait `retry_after`; the whole lane slows down
    ├── TryLater             a passing fault before acceptance
    ├── RecipientGone        blocked, unfollowed, invalid: permanent for this address
    ├── AddressChanged       the chat moved; carries the new address
    ├── WindowClosed         no more messages until the client writes
    ├── QuotaUsed            nothing more until `until`
    ├── ContentRefused       permanent for this message
    ├── ChannelStopped       token or settings wrong: stop and tell
    └── OutcomeUnknown       it may have been delivered: never repeated blindly
"""

from datetime import datetime
from pathlib import Path
from traceback import extract_tb

from bot.vocabulary.media import MediaRefusal


class QuanfuError(Exception):
    """Root of everything the product raises on purpose."""


class SettingsWrong(QuanfuError):
    """Settings are missing or contradict one another; one line per fault, no secret in it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class StorageError(QuanfuError):
    """The database did not do what was asked."""


class DatabaseBusy(StorageError):
    """The database is locked, full of work or out of reach; the same call may succeed later."""


class NotMigrated(StorageError):
    """The database has not been brought up to date (`quanfu migrate`)."""


class KeyMissing(StorageError):
    """A value was sealed with a key that is not here."""


class StoreUnavailable(StorageError):
    """The place where media lie is full, out of reach or not ours to use; the same call may succeed later."""


class CalendarYearMissing(QuanfuError):
    """No calendar of `year` has been imported (`quanfu calendar import FILE`)."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no calendar of {year} has been imported; quanfu calendar import FILE")
        self.year = year


class Refused(QuanfuError):
    """A rule of the house says no; `key` names the text that says so to the reader."""

    def __init__(self, key: str, **parameters: object) -> None:
        super().__init__(key)
        self.key = key
        self.parameters = parameters


class NotPermitted(Refused):
    """The member of staff may not do this."""


class Conflict(Refused):
    """The state of the thing does not allow it, or somebody else was faster."""


class EmbedderFailed(QuanfuError):
    """The model or its server gave no vector; the text is not in the message."""


class ModelFailed(QuanfuError):
    """The language model or its server gave no answer; no text is in the message."""


class MediaRefused(QuanfuError):
    """A picture or file is not kept, now or later."""

    def __init__(self, reason: MediaRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class TextError(QuanfuError):
    """A text can't be rendered; names keys and parameters, never their values."""


class UnknownText(TextError):
    """No text, notice or label has this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no text has the key {key!r}")
        self.key = key


class TextParametersWrong(TextError):
    """A text was given parameters it does not take, lacks some, or got one of a wrong kind."""


class TextsBroken(TextError):
    """The catalogue lacks a locale or differs between locales; one line per fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class WebhookError(QuanfuError):
    """A request from a platform that is not taken."""


class SignatureWrong(WebhookError):
    """The request is not from the platform."""


class RequestStale(WebhookError):
    """The request is too old, or repeats another one's nonce."""


class BodyUnreadable(WebhookError):
    """The request is signed, yet its body cannot be read."""


class SendError(QuanfuError):
    """A platform did not take a message; `code` is the platform's own.

    `begun`: a part of it is with the client.
    """

    begun = False

    def __init__(self, code: str = "", detail: str = "") -> None:
        super().__init__(f"{type(self).__name__}({code}) {detail}".strip())
        self.code = code
        self.detail = detail


class Throttled(SendError):
    """Too fast; `retry_after` in seconds."""

    def __init__(self, retry_after: float, code: str = "", detail: str = "") -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class TryLater(SendError):
    """A passing fault; surely not delivered.

    `pauses`: seconds before each further try, where the platform says how many there may be.
    """

    def __init__(self, code: str = "", detail: str = "", pauses: tuple[float, ...] | None = None) -> None:
        super().__init__(code, detail)
        self.pauses = pauses


class RecipientGone(SendError):
    """This address can't be reached any more."""


class AddressChanged(SendError):
    """The chat has a new address."""

    def __init__(self, address: str) -> None:
        super().__init__("migrated")
        self.address = address


class WindowClosed(SendError):
    """The platform takes nothing more until the client writes again."""


class QuotaUsed(SendError):
    """The account's allowance is used up until `until` (aware)."""

    def __init__(self, until: datetime, code: str = "", detail: str = "") -> None:
        super().__init__(code, detail)
        self.until = until


class ContentRefused(SendError):
    """The platform will never take this message."""


class ChannelStopped(SendError):
    """Token, permission or settings are wrong; nothing on this account can go out."""


class OutcomeUnknown(SendError):
    """The platform may or may not have delivered it."""


def places(error: BaseException) -> str:
    """Kind of an error and where it arose, for a log line: no message, for it may hold what a client wrote."""
    frames = extract_tb(error.__traceback__)[-4:]
    return " < ".join(
        [type(error).__name__, *(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[::-1])]
    )
