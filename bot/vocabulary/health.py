"""What a look at the service finds: observations, each one of a fixed list of remarks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """Whether something is well, needs attention soon, or does not work."""

    OK = "ok"
    WARN = "warn"
    FAULT = "fault"


class Remark(StrEnum):
    """What can be said, as `topic.what`; its words and the advice stand in the catalogue `doctor`."""

    ACCOUNT_UNREACHED = "account.unreached"
    ACCOUNT_REFUSED = "account.refused"
    ACCOUNT_SILENT = "account.silent"
    ACCOUNT_BROKE = "account.broke"
    ACCESS_WORKS = "access.works"
    ACCESS_REFUSED = "access.refused"
    ACCESS_WITHOUT = "access.without"
    SHARED_FRESH = "shared.fresh"
    SHARED_NONE = "shared.none"
    SHARED_OTHER = "shared.other"
    ADDRESS_ALLOWED = "address.allowed"
    ADDRESS_REFUSED = "address.refused"
    CALLBACK_ANSWERS = "callback.answers"
    CALLBACK_UNSET = "callback.unset"
    CALLBACK_UNREACHED = "callback.unreached"
    CALLBACK_SLOW = "callback.slow"
    CALLBACK_REFUSED = "callback.refused"
    CALLBACK_OTHER = "callback.other"
    CLOCK_AGREES = "clock.agrees"
    CLOCK_DRIFTS = "clock.drifts"
    CLOCK_WRONG = "clock.wrong"
    POWER_USED = "power.used"
    POWER_UNUSED = "power.unused"
    POWER_WITHOUT = "power.without"
    POWER_SPENT = "power.spent"
    POWER_PASSIVE_ONLY = "power.passive_only"
    POWER_NEXT_MESSAGE = "power.next_message"
    POWER_DENIED = "power.denied"
    POWER_REFUSED = "power.refused"
    POWER_UNTOLD = "power.untold"
    DESK_SERVED = "desk.served"
    DESK_UNKNOWN = "desk.unknown"
    DESK_UNMANAGED = "desk.unmanaged"
    DESK_NONE = "desk.none"
    APP_VISIBLE = "app.visible"
    APP_HIDDEN = "app.hidden"
    APP_CLOSED = "app.closed"
    CONTACTS_MEMBERS = "contacts.members"
    CONTACTS_NOBODY = "contacts.nobody"
    BOT_KNOWN = "bot.known"
    GROUPS_OPEN = "groups.open"
    GROUPS_CLOSED = "groups.closed"
    WEBHOOK_SET = "webhook.set"
    WEBHOOK_POLLED = "webhook.polled"
    WEBHOOK_MISSING = "webhook.missing"
    WEBHOOK_ELSEWHERE = "webhook.elsewhere"
    WEBHOOK_IN_THE_WAY = "webhook.in_the_way"
    WEBHOOK_FAILING = "webhook.failing"
    WEBHOOK_BEHIND = "webhook.behind"
    PAGE_OWN = "page.own"
    PAGE_LOCAL = "page.local"
    RECORDER_READY = "recorder.ready"
    SERVER_RUNS = "server.runs"
    SERVER_NONE = "server.none"
    DATABASE_READY = "database.ready"
    DATABASE_ABSENT = "database.absent"
    DATABASE_BEHIND = "database.behind"
    DATABASE_UNREACHED = "database.unreached"
    DATABASE_UNWRITABLE = "database.unwritable"
    DATABASE_SWOLLEN = "database.swollen"
    KEY_KEPT = "key.kept"
    KEY_MISSING = "key.missing"
    KEY_OPEN = "key.open"
    KEY_UNFIT = "key.unfit"
    SETTINGS_CLOSED = "settings.closed"
    SETTINGS_OPEN = "settings.open"
    INBOX_FLOWS = "inbox.flows"
    INBOX_WAITS = "inbox.waits"
    INBOX_FAILED = "inbox.failed"
    QUEUE_FLOWS = "queue.flows"
    QUEUE_WAITS = "queue.waits"
    QUEUE_STUCK = "queue.stuck"
    DOUBTS_NONE = "doubts.none"
    DOUBTS_WAIT = "doubts.wait"
    CALENDAR_THERE = "calendar.there"
    CALENDAR_NEXT = "calendar.next"
    CALENDAR_MISSING = "calendar.missing"
    DISK_AMPLE = "disk.ample"
    DISK_LOW = "disk.low"
    DISK_FULL = "disk.full"
    MEDIA_READY = "media.ready"
    MEDIA_NEW = "media.new"
    MEDIA_OPEN = "media.open"
    MEDIA_UNWRITABLE = "media.unwritable"
    MEDIA_UNREACHED = "media.unreached"
    MEDIA_CHANGED = "media.changed"
    MEDIA_LOST = "media.lost"
    MEDIA_UNINSTALLED = "media.uninstalled"
    TEXTS_WHOLE = "texts.whole"
    TEXTS_BROKEN = "texts.broken"


_WARNINGS = frozenset(
    {
        Remark.ACCESS_WITHOUT,
        Remark.SHARED_OTHER,
        Remark.CALLBACK_UNSET,
        Remark.CALLBACK_SLOW,
        Remark.CLOCK_DRIFTS,
        Remark.POWER_SPENT,
        Remark.POWER_PASSIVE_ONLY,
        Remark.POWER_REFUSED,
        Remark.POWER_UNTOLD,
        Remark.APP_HIDDEN,
        Remark.WEBHOOK_FAILING,
        Remark.WEBHOOK_BEHIND,
        Remark.SERVER_NONE,
        Remark.DATABASE_SWOLLEN,
        Remark.SETTINGS_OPEN,
        Remark.INBOX_FAILED,
        Remark.QUEUE_WAITS,
        Remark.DOUBTS_WAIT,
        Remark.CALENDAR_NEXT,
        Remark.DISK_LOW,
        Remark.MEDIA_OPEN,
    }
)
_FAULTS = frozenset(
    {
        Remark.ACCOUNT_UNREACHED,
        Remark.ACCOUNT_REFUSED,
        Remark.ACCOUNT_SILENT,
        Remark.ACCOUNT_BROKE,
        Remark.ACCESS_REFUSED,
        Remark.ADDRESS_REFUSED,
        Remark.CALLBACK_UNREACHED,
        Remark.CALLBACK_REFUSED,
        Remark.CALLBACK_OTHER,
        Remark.CLOCK_WRONG,
        Remark.POWER_DENIED,
        Remark.DESK_UNKNOWN,
        Remark.DESK_UNMANAGED,
        Remark.APP_CLOSED,
        Remark.CONTACTS_NOBODY,
        Remark.WEBHOOK_MISSING,
        Remark.WEBHOOK_ELSEWHERE,
        Remark.WEBHOOK_IN_THE_WAY,
        Remark.DATABASE_ABSENT,
        Remark.DATABASE_BEHIND,
        Remark.DATABASE_UNREACHED,
        Remark.DATABASE_UNWRITABLE,
        Remark.KEY_MISSING,
        Remark.KEY_OPEN,
        Remark.KEY_UNFIT,
        Remark.INBOX_WAITS,
        Remark.QUEUE_STUCK,
        Remark.CALENDAR_MISSING,
        Remark.DISK_FULL,
        Remark.MEDIA_UNWRITABLE,
        Remark.MEDIA_UNREACHED,
        Remark.MEDIA_CHANGED,
        Remark.MEDIA_LOST,
        Remark.MEDIA_UNINSTALLED,
        Remark.TEXTS_BROKEN,
    }
)


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was looked at; `about` tells two of one topic apart, `values` fill the words.

    Values hold no secret and nothing of a client.
    """

    remark: Remark
    values: Mapping[str, str] = field(default_factory=dict)
    about: str = ""

    @property
    def topic(self) -> str:
        """What was looked at."""
        return self.remark.value.partition(".")[0]

    @property
    def verdict(self) -> Verdict:
        """How it stands."""
        if self.remark in _FAULTS:
            return Verdict.FAULT
        return Verdict.WARN if self.remark in _WARNINGS else Verdict.OK
