"""Whatever four platforms answer, wherever the process dies: the client has it once at most, every end says why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from bot.channels.base import Capabilities, Unit, Window
from bot.errors import ContentRefused, OutcomeUnknown, QuotaUsed, RecipientGone, Throttled, TryLater, WindowClosed
from bot.messages import Outgoing, Receipt, StatusReport
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery import receipts
from services.delivery.fallback import FOR_GOOD, TOLD
from services.delivery.pump import Pump
from services.delivery.sending import TRIES
from storage.models import ChatAccountRow, DeliveryRow, DeliveryTryRow, PermitRow
from storage.repositories.claims import HOLD, Lane
from tests.services.delivery.office import PLAIN, Ledger, Office, opened
from tests.services.delivery.wishes import notice

WINDOWED = Capabilities(longest_text=2048, unit=Unit.BYTES, window=Window(timedelta(hours=48), 5))
ACCOUNTS = {
    (ChannelKind.WECHAT, "main"): WINDOWED,
    (ChannelKind.WECOM, "main"): replace(WINDOWED, native_idempotency=True),
    (ChannelKind.TELEGRAM, "main"): PLAIN,
    (ChannelKind.WEBCHAT, "main"): PLAIN,
}
KINDS = tuple(kind for kind, _ in ACCOUNTS)
ANSWERS = (
    "taken",
    "gone",
    "window",
    "quota",
    "later",
    "down",
    "throttled",
    "refused",
    "fails later",
    "lost",
    "lost after arrival",
    "killed",
    "killed after arrival",
)
WORTH = timedelta(hours=3)
HEIRS, NAMES = count(), count()
UNDER_WAY = {DeliveryState.PENDING, DeliveryState.SENDING}


class Killed(BaseException):
    """The process dies."""


@dataclass
class Platform(Ledger):
    """Answers as planned, then takes everything; `arrived` is what the client has, whatever was answered.

    Of what it took and lost, `failing`, it tells again and again.
    """

    plan: list[str] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)
    office: Office | None = None

    async def send(self, outgoing: Outgoing) -> Receipt:
        """The next answer."""
        answer = self.plan.pop(0) if self.plan else "taken"
        if answer in ("taken", "lost after arrival", "killed after arrival"):
            self._arrive(outgoing.idempotency_key)
        if answer.startswith("killed"):
            raise Killed
        if answer == "fails later":
            self.failing.append(f"{self.kind}-{next(NAMES)}")
            return Receipt(platform_message_ids=(self.failing[-1],))
        if answer != "taken":
            raise self._refusal(answer)
        return Receipt()

    def _arrive(self, key: str) -> None:
        if not (self.capabilities.native_idempotency and key in self.arrived):
            self.arrived.append(key)

    def _refusal(self, answer: str) -> Exception:
        assert self.office is not None
        soon = self.office.clock.now() + timedelta(minutes=40)
        return {
            "gone": RecipientGone("gone"),
            "window": WindowClosed("window"),
            "quota": QuotaUsed(soon, "quota"),
            "later": TryLater("later"),
            "throttled": Throttled(3, "slow"),
            "refused": ContentRefused("no"),
        }.get(answer, OutcomeUnknown("lost"))


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    with opened(sqlite_url, ACCOUNTS) as running:
        for key, capabilities in ACCOUNTS.items():
            running.channels[key] = Platform(*key, capabilities, office=running)
        yield running


def platforms(office: Office) -> Mapping[ChannelKind, Platform]:
    found = {kind: office.ledger(kind) for kind in KINDS}
    return {kind: platform for kind, platform in found.items() if isinstance(platform, Platform)}


async def begin(office: Office, plans: Sequence[Sequence[str]], order: Sequence[ChannelKind]) -> None:
    """A client with a chat on each platform, and one message for them that is worth sending for some hours."""

    def forget(unit: object) -> None:
        for row in (DeliveryTryRow, DeliveryRow, PermitRow):
            unit.session.execute(delete(row))  # type: ignore[attr-defined]
        unit.session.execute(update(ChatAccountRow).values(client_id=None))  # type: ignore[attr-defined]

    await office.database.write(forget)
    for platform, plan in zip(platforms(office).values(), plans, strict=True):
        platform.plan = [each for answer in plan for each in (["later"] * TRIES if answer == "down" else [answer])]
        platform.arrived, platform.failing = [], []
    (client,) = await office.clients(kind=order[0])
    for kind in order[1:]:
        await office.also(client, kind)
    until = office.clock.now() + WORTH
    await office.submit(notice(client, f"n{client}", essential=True, expires_at=until))


async def live(office: Office) -> None:
    """Work until it has ended; a process that dies is followed by another."""
    while (await office.row()).state in UNDER_WAY:
        try:
            for kind in KINDS:
                while await office.pump.work(Lane(kind, "main", urgent=False)):
                    pass
        except Killed:
            office.clock.move(HOLD + timedelta(seconds=1))
            office.pump = Pump(office.database, office.delivery, office.channels, f"heir {next(HEIRS)}")
            await office.pump.recover(office.clock.now() - HOLD)
        for kind, platform in [(kind, one) for kind, one in platforms(office).items() if one.failing]:
            reports = [StatusReport(DeliveryState.FAILED, name) for name in platform.failing]
            await office.database.write(
                partial(receipts.take, delivery=office.delivery, place=(kind, "main"), reports=reports)
            )
        office.clock.move(timedelta(minutes=20))
        await office.pump.tidy()


DOUBTS = (["killed after arrival", "gone"], ["lost after arrival", "later", "gone"])
"""What a platform that knows our ids may answer before it loses the client."""


@given(
    plans=st.lists(st.lists(st.sampled_from(ANSWERS), max_size=4), min_size=4, max_size=4),
    order=st.lists(st.sampled_from(KINDS), min_size=1, unique=True),
)
@example(plans=[[], DOUBTS[0], [], []], order=[ChannelKind.WECOM, ChannelKind.TELEGRAM])
@example(plans=[[], DOUBTS[1], [], []], order=[ChannelKind.WECOM, ChannelKind.TELEGRAM])
@settings(max_examples=30, database=None, suppress_health_check=list(HealthCheck), deadline=None)
async def test_once_at_most_and_every_end_says_why(
    office: Office, plans: list[list[str]], order: list[ChannelKind]
) -> None:
    await begin(office, plans, order)
    await live(office)
    row = await office.row()
    arrived = {kind: len(platform.arrived) for kind, platform in platforms(office).items() if platform.arrived}
    assert sum(arrived.values()) <= 1
    assert row.state in (DeliveryState.SENT, DeliveryState.EXPIRED) or row.rule
    assert row.state is not DeliveryState.SENT or arrived == {row.channel: 1}
    assert not arrived or row.channel in arrived
    await check_history(office)


async def check_history(office: Office) -> None:
    """A chat lost for good is never tried again, and each was left for one reason at a time."""
    wanted = select(DeliveryTryRow.account_id, DeliveryTryRow.rule).order_by(DeliveryTryRow.number)
    left = await office.database.read(lambda unit: unit.session.execute(wanted).all())
    lost = Counter(account_id for account_id, rule in left if rule in FOR_GOOD | TOLD)
    assert set(lost.values()) <= {1}
    assert (await office.row()).account_id not in lost
    for place, (account_id, rule) in enumerate(left):
        assert rule not in FOR_GOOD | TOLD or account_id not in {later for later, _ in left[place + 1 :]}
