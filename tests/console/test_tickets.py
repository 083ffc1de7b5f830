"""Tickets: lists by deadline, and the work on one."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.clock import MovableClock
from bot.vocabulary import Level, TicketState
from services.tickets import Matter
from storage.models import ChatAccountRow, DeliveryRow, TicketRow
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import COMPLIANCE, HEAD, SERVICE, Stand


@pytest.fixture
def desk_url(database_url: str) -> str:
    """Each kind of database."""
    return database_url


async def ticket(branch: Stand, number: str) -> TicketRow:
    wanted = select(TicketRow).where(TicketRow.number == number)
    return await branch.database.read(lambda unit: unit.session.scalars(wanted).one())


async def move(branch: Stand, person: Person, number: str, verb: str, text: str = "") -> int:
    """One move on a ticket as it stands; gives the answer's status."""
    version = str((await ticket(branch, number)).version)
    answer = await person.post(f"/console/tickets/{number}/{verb}", key=f"{verb}{text}", version=version, text=text)
    return answer.status_code


async def test_the_next_deadline_stands_first(branch: Stand, sign_in: SignIn) -> None:
    ordinary, urgent = await branch.complaint("佣金不符"), await branch.complaint("账户被盗", Level.P1)
    page = words(await (await sign_in(SERVICE)).get("/console/tickets?view=all"))
    assert page.index(urgent) < page.index(ordinary)


@pytest.mark.parametrize(("view", "hours", "there"), [("today", 0, True), ("overdue", 0, False), ("overdue", 6, True)])
async def test_views_follow_the_clock(branch: Stand, sign_in: SignIn, view: str, hours: int, there: bool) -> None:
    number = await branch.complaint("账户被盗", Level.P1)
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(hours=hours))
    page = words(await (await sign_in(SERVICE)).get(f"/console/tickets?view={view}"))
    assert (number in page) is there


async def test_a_reply_goes_out_in_the_ticket_s_chat(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.complaint("佣金不符"), await sign_in(SERVICE)
    assert await move(branch, person, number, "reply", "您好，我们正在核对佣金") == 303
    found = await ticket(branch, number)
    wanted = select(DeliveryRow.text).where(DeliveryRow.conversation_id == found.conversation_id)
    assert "您好，我们正在核对佣金" in await branch.database.read(lambda unit: list(unit.session.scalars(wanted)))
    assert found.contacted_at == branch.clock.now()
    assert found.assignee_id == branch.staff[SERVICE]
    assert "您好，我们正在核对佣金" in words(await person.get(f"/console/tickets/{number}"))


async def test_a_note_is_no_message(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.complaint("佣金不符"), await sign_in(SERVICE)
    assert await move(branch, person, number, "note", "已调取开户记录") == 303
    assert await branch.database.read(lambda unit: list(unit.session.scalars(select(DeliveryRow.id)))) == []
    shown = words(await person.get(f"/console/tickets/{number}"))
    assert "已调取开户记录" in shown
    assert "分类 6.2 承诺收益" in shown
    assert await move(branch, person, number, "note", "  ") == 422


async def test_assigning_needs_the_right_where_somebody_has_it(branch: Stand, sign_in: SignIn) -> None:
    number = await branch.complaint("佣金不符")
    service, compliance, head = await sign_in(SERVICE), await sign_in(COMPLIANCE), await sign_in(HEAD)
    assert await move(branch, service, number, "assign") == 303
    assert await move(branch, compliance, number, "assign") == 403
    assert await move(branch, head, number, "assign") == 303
    found = await ticket(branch, number)
    assert (found.assignee_id, found.first_owner_id) == (branch.staff[HEAD], branch.staff[SERVICE])


@pytest.mark.parametrize(
    ("level", "number", "status"),
    [(Level.P3, SERVICE, 303), (Level.P2, SERVICE, 403), (Level.P2, HEAD, 403), (Level.P2, COMPLIANCE, 303)],
)
async def test_only_compliance_closes_a_serious_complaint(
    branch: Stand, sign_in: SignIn, level: Level, number: str, status: int
) -> None:
    complaint, person = await branch.complaint("产品不合适", level), await sign_in(number)
    assert await move(branch, person, complaint, "close", "已退费并书面答复") == status
    state = (await ticket(branch, complaint)).state
    assert state is (TicketState.RESOLVED if status == 303 else TicketState.REGISTERED)


async def test_a_ticket_changed_by_another_is_a_conflict(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.complaint("佣金不符"), await sign_in(SERVICE)
    late = await person.post(f"/console/tickets/{number}/close", version="99", text="办结")
    assert late.status_code == 409
    assert "工单刚被他人更新" in words(late)
    assert (await ticket(branch, number)).closed_at is None


async def test_the_reckoning_of_a_deadline_names_days_off(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.complaint("产品不合适", Level.P2), await sign_in(SERVICE)
    page = words(await person.get(f"/console/tickets/{number}"))
    assert "为什么是这个时间？" in page
    assert "11月28日 周六 周末 不计" in page
    assert "第 7 个工作日" in page


async def test_the_queue_s_inquiry_ends_with_its_conversation(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.wait("转账"), await sign_in(SERVICE)
    inquiry = await branch.database.read(lambda unit: unit.session.scalars(select(TicketRow.number)).one())
    assert await move(branch, person, inquiry, "close", "未接入") == 409
    await person.post(f"/console/conversations/{number}/take", key="t")
    assert await move(branch, person, inquiry, "close", "已处理") == 303
    assert (await ticket(branch, inquiry)).state is TicketState.RESOLVED


async def test_a_ticket_shows_nothing_of_a_chat_since_or_before_it_was_its_client_s(
    branch: Stand, sign_in: SignIn
) -> None:
    number, person = await branch.complaint("佣金不符"), await sign_in(COMPLIANCE)
    chat, later = (await ticket(branch, number)).conversation_id, branch.clock.now() + timedelta(hours=1)
    assert chat is not None
    said = DeliveryRow(
        key="said", purpose="reply", priority=0, state="sent", conversation_id=chat, client_id=branch.clients["C1"]
    )
    said.text_key, said.text, said.created_at, said.not_before = "words", "甲的余额", branch.clock.now(), later
    await branch.database.write(lambda unit: unit.session.add(said))
    assert "甲的余额" in words(await person.get(f"/console/tickets/{number}/dialogue"))
    owned = update(ChatAccountRow).where(ChatAccountRow.id == chat)
    bound = owned.values(client_id=branch.clients["C2"], bound_at=later)
    await branch.database.write(lambda unit: unit.session.execute(bound) and None)
    left = await person.get(f"/console/tickets/{number}/dialogue")
    assert (left.status_code, "甲的余额" in words(left), "C2" in words(left)) == (200, False, False)
    matter = Matter("转户", Level.P3, chat, branch.clients["C2"], later)
    other = await branch.database.write(lambda unit: branch.console.handover.tickets.complain(unit, matter))
    page = words(await person.get(f"/console/tickets/{other.number}/dialogue"))
    assert ("转户" in page, "甲的余额" in page) == (True, False)
