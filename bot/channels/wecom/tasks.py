"""Mass messages that wait for members: asked about, reminded of, and taken back."""

import hashlib
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.base import ChannelState
from bot.channels.tencent.open_tasks import OpenTasks
from bot.channels.wecom.account import WecomAccount
from bot.channels.wecom.followers import lost
from bot.channels.wecom.mass import MassMessages, Status
from bot.clock import Clock
from bot.errors import ContentRefused, Throttled
from bot.messages import UNCLEAR, Event, StatusReport
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, EventKind

log = logging.getLogger(__name__)

PATIENCE = timedelta(days=7)
"""After so long an unconfirmed task is taken back, and its messages have expired."""

REMINDER = timedelta(days=1)
"""Members who have not confirmed are reminded so often; the platform allows it three times in that span."""

GONE, LIMIT, UNCONFIRMED = "gone", "mass_limit", "unconfirmed"
"""Why a client did not get it: no longer a contact, had another mass message, or no member confirmed it."""

_OUTCOMES = {
    Status.SENT: (DeliveryState.DELIVERED, "reported"),
    Status.NO_FRIEND: (DeliveryState.FAILED, GONE),
    Status.FULL: (DeliveryState.FAILED, LIMIT),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A member (userid), for how many clients they have tasks, and how many of these wait."""

    member: str
    clients: int
    waiting: int


class Tasks:
    """The tasks of one corp; each of its messages is named `<msgid>:<client>`."""

    def __init__(self, account: WecomAccount, mass: MassMessages, state: ChannelState, clock: Clock) -> None:
        pace = account.pace
        self._account = account.contacts_name
        self._mass = mass
        self._state = state
        self._clock = clock
        self._open = OpenTasks(state, clock, "tasks", pace.results, pace.lease.total_seconds())

    async def note(self, msgid: str) -> None:
        """A task was taken: ask after it from now on, and remind members from tomorrow on."""
        await self._open.add(msgid)

    async def results(self, names: Sequence[str]) -> list[StatusReport]:
        """What members have done about these messages; nothing for those that still wait."""
        wanted = set(names)
        reports: list[StatusReport] = []
        for msgid in _tasks_of(names):
            reports += _reports(msgid, await self._mass.statuses(msgid))
        return [one for one in reports if one.platform_message_id in wanted]

    async def standing(self, names: Sequence[str]) -> list[Standing]:
        """How far each member is with the tasks of these messages."""
        waiting, clients = Counter[str](), Counter[str]()
        for msgid in _tasks_of(names):
            for member, statuses in (await self._mass.by_member(msgid)).items():
                clients[member] += len(statuses)
                waiting[member] += sum(status is Status.UNSENT for status in statuses.values())
        return [Standing(member, clients[member], waiting[member]) for member in sorted(clients)]

    async def remind(self, names: Sequence[str]) -> None:
        """Remind the members of these messages' tasks; Throttled after three times in 24 hours."""
        for msgid in _tasks_of(names):
            await self._mass.remind(msgid)

    async def withdraw(self, names: Sequence[str]) -> list[StatusReport]:
        """Nobody can confirm the tasks of these any more; reported is what members did before."""
        for msgid in _tasks_of(names):
            await self._stop(msgid)
        reports = await self.results(names)
        await self._open.drop(set(_tasks_of(names)))
        return reports

    def poll(self) -> AsyncGenerator[Sequence[StatusReport | Event], None]:
        """Results of the tasks that are open, round after round."""
        return self._open.rounds(self._news)

    async def _news(self, msgid: str, since: datetime) -> Sequence[StatusReport | Event]:
        """What is known of a task. It is open until every client has an outcome, or it is too old."""
        by_member, age = await self._mass.by_member(msgid), self._clock.now() - since
        statuses = {client: status for one in by_member.values() for client, status in one.items()}
        reports, waiting = _reports(msgid, statuses), _waiting(msgid, statuses)
        if waiting and age >= PATIENCE:
            reports, waiting = await self._given_up(msgid), []
        if not waiting:
            await self._open.drop({msgid})
        elif age >= REMINDER:
            await self._remind(msgid, age.days)
        return [*reports, *[event async for event in self._departures(msgid, by_member)]]

    async def _departures(self, msgid: str, by_member: Mapping[str, Mapping[str, Status]]) -> AsyncIterator[Event]:
        """A client who is no member's contact any more has gone, as if the platform had told us so itself."""
        for member, statuses in by_member.items():
            for client in (client for client, status in statuses.items() if status is Status.NO_FRIEND):
                if not await lost(self._state, client, member):
                    number = f"t{hashlib.sha256(f'{msgid}:{client}'.encode()).hexdigest()[:40]}"
                    yield Event(Addressee(ChannelKind.WECOM, self._account, client), number, EventKind.UNFOLLOWED)

    async def _remind(self, msgid: str, day: int) -> None:
        """Once a day, by whichever process comes first; one that the platform does not want is left out."""
        if await self._state.put_if_absent(f"reminded:{msgid}:{day}", "", REMINDER):
            with suppress(Throttled):
                await self._mass.remind(msgid)

    async def _given_up(self, msgid: str) -> list[StatusReport]:
        """What members did before it was taken back. What they can't confirm any more never went out."""
        stopped = await self._stop(msgid)
        statuses = await self._mass.statuses(msgid)
        rule = UNCONFIRMED if stopped else UNCLEAR
        late = [StatusReport(DeliveryState.EXPIRED, name, rule=rule) for name in _waiting(msgid, statuses)]
        return [*_reports(msgid, statuses), *late]

    async def _stop(self, msgid: str) -> bool:
        """A plain refusal says that there is nothing left to stop; results tell what became of it."""
        try:
            await self._mass.stop(msgid)
        except ContentRefused as refused:
            log.warning("%s: a task could not be taken back (%s)", self._account, refused.code)
            return False
        return True


def _tasks_of(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.partition(":")[0] for name in names))


def _reports(msgid: str, statuses: Mapping[str, Status]) -> list[StatusReport]:
    return [_report(f"{msgid}:{client}", status) for client, status in statuses.items() if status in _OUTCOMES]


def _report(name: str, status: Status) -> StatusReport:
    state, rule = _OUTCOMES[status]
    return StatusReport(state, name, code=f"status {int(status)}", rule=rule)


def _waiting(msgid: str, statuses: Mapping[str, Status]) -> list[str]:
    return [f"{msgid}:{client}" for client, status in statuses.items() if status is Status.UNSENT]
