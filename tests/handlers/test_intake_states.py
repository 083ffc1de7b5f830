"""Whatever a client does while complaining: nothing typed is lost, and an intake is at most one ticket."""

import base64
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.clock import MovableClock
from bot.vocabulary import IntakeState
from services.knowledge.outcome import Finding, Outcome, Scored
from storage.models import IntakeRow, MissRow, TicketEntryRow, TicketRow
from storage.repositories import intakes
from storage.unit import Database, Unit
from tests.handlers.rig import Branch, Chat

ORDERS = ["我要投诉", "跳过", "取消", "稍后", "继续", "确认", "修改", "人工"]
QUESTION = Finding(Outcome.ANSWERED, (Scored("trade-hours", 0.99),))
STATEMENT = Finding(Outcome.UNKNOWN)
ANGER = Finding(Outcome.COMPLAINT)

actions = st.lists(
    st.one_of(
        st.sampled_from(ORDERS).map(lambda order: ("order", order)),
        st.sampled_from(["statement", "anger", "question", "emergency"]).map(lambda kind: (kind, "")),
        st.integers(1, 30).map(lambda hours: ("hours", str(hours))),
    ),
    max_size=14,
)


@dataclass
class Client:
    """Types words that are told apart, and remembers those that must not be lost."""

    chat: Chat
    clock: MovableClock
    typed: list[str] = field(default_factory=list)

    async def do(self, kind: str, value: str) -> None:
        mark = f"#{len(self.typed):03d}#"
        match kind:
            case "order":
                await self.chat.say(value)
            case "hours":
                self.clock.move(timedelta(hours=int(value)))
                branch = self.chat.branch
                await branch.write(lambda unit: branch.services.intakes.register_due(unit, self.clock.now()))
            case "statement":
                await self.tell(f"柜台说的不一样{mark}", STATEMENT)
            case "anger":
                await self.tell(f"你们骗我{mark}", ANGER)
            case "question":
                await self.chat.say(f"股票几点开盘？{mark}", finding=QUESTION)
            case _:
                await self.tell(f"我账户被盗了{mark}", ANGER)

    async def tell(self, text: str, finding: Finding) -> None:
        said = await self.chat.say(text, finding=finding)
        assert said.keys
        self.typed.append(text)


def kept(unit: Unit, conversation_id: int) -> str:
    """Everything that staff or curators can read of what was told in a conversation."""
    lines = [line for row in _intakes(unit, conversation_id) for line in row.answers.get("said", ())]
    sealed = [base64.b64decode(line["sealed"]) for line in lines if "sealed" in line]
    ticket = select(TicketRow.id).where(TicketRow.conversation_id == conversation_id)
    entries = unit.session.scalars(select(TicketEntryRow.text).where(TicketEntryRow.ticket_id.in_(ticket)))
    misses = unit.session.scalars(select(MissRow.question).where(MissRow.conversation_id == conversation_id))
    opened = [unit.vault.open(intakes.CONTACT, each) for each in sealed]
    return "\n".join([*(line["text"] for line in lines), *opened, *entries, *misses])


def _intakes(unit: Unit, conversation_id: int) -> list[IntakeRow]:
    return list(unit.session.scalars(select(IntakeRow).where(IntakeRow.conversation_id == conversation_id)))


def check(unit: Unit, client: Client) -> None:
    conversation_id = client.chat.conversation_id
    text = kept(unit, conversation_id)
    assert [each for each in client.typed if each not in text] == []
    rows = _intakes(unit, conversation_id)
    registered = [row.ticket_id or 0 for row in rows if row.state is IntakeState.REGISTERED]
    complaints = select(TicketRow.id).where(TicketRow.conversation_id == conversation_id, TicketRow.number.like("TS%"))
    assert sorted(registered) == sorted(unit.session.scalars(complaints))
    assert all(row.ticket_id is None for row in rows if row.state is not IntakeState.REGISTERED)
    assert len([row for row in rows if row.state in intakes.OPEN]) <= 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=actions)
async def test_nothing_typed_is_lost_and_an_intake_is_at_most_one_ticket(
    database: Database, done: list[tuple[str, str]]
) -> None:
    clock = MovableClock()
    client = Client(await Branch(database, clock).chat(), clock)
    for kind, value in done:
        await client.do(kind, value)
    await database.read(lambda unit: check(unit, client))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=actions)
async def test_a_day_later_no_complaint_is_left_half_told(database: Database, done: list[tuple[str, str]]) -> None:
    clock = MovableClock()
    client = Client(await Branch(database, clock).chat(), clock)
    for kind, value in [*done, ("hours", "24")]:
        await client.do(kind, value)
    rows = await database.read(lambda unit: [row.state for row in _intakes(unit, client.chat.conversation_id)])
    assert not set(rows) & set(intakes.OPEN)
