"""Personal service: a client's own manager answers first, for a while, and not while they are away."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from bot.clock import MovableClock, branch_date
from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action, AssetBand, ChannelKind, Level, Owner
from services import absences, personal_service
from services.handover import Wish
from services.personal_service import Standing
from services.segments import packaged
from services.staff import scope
from storage.models import AuditRow, ClientRow
from storage.repositories import conversation_lists, conversations, ownership
from storage.repositories import staff as rows
from storage.repositories.conversation_lists import View, Wanted
from storage.repositories.staff import Staff
from storage.unit import Signal, Unit
from tests.console.stand import ADVISER, HEAD, MONDAY, RM, SERVICE, Stand, stand

SPAN = timedelta(minutes=10)


@pytest.fixture
def branch(database_url: str) -> Iterator[Stand]:
    with stand(database_url, MovableClock(MONDAY)) as standing:
        yield standing


@pytest.fixture
def counter(sqlite_url: str) -> Iterator[Stand]:
    """On one database only: what these tests ask for is no question of SQL."""
    with stand(sqlite_url, MovableClock(MONDAY)) as standing:
        yield standing


async def person(branch: Stand, number: str) -> Staff:
    found = await branch.database.read(lambda unit: rows.by_number(unit, number))
    assert found is not None
    return found


async def give(branch: Stand, personal: bool | None = True) -> None:
    """The head of the branch decides about C1."""
    head, now = await person(branch, HEAD), branch.clock.now()
    await branch.database.write(lambda unit: personal_service.say(unit, head, branch.clients["C1"], personal, now))


async def waiting(branch: Stand, number: str) -> list[str | None]:
    """What a member of staff's queue shows: of each conversation who answers it first."""
    reader = await person(branch, number)

    def look(unit: Unit) -> list[str | None]:
        every = number == HEAD
        whose = scope(reader, Action.READ_CONVERSATIONS)
        wanted = Wanted(View.WAITING, reader.id, whose, branch.clock.now(), every)
        assert conversation_lists.counts(unit, wanted)[View.WAITING] == len(conversation_lists.page(unit, wanted))
        return [one.reserved_for for one in conversation_lists.page(unit, wanted)]

    return await branch.database.read(look)


async def take(branch: Stand, conversation: int, number: str) -> int | None:
    """Take it; who answers then."""
    staff, handover = await person(branch, number), branch.console.handover
    await branch.database.write(lambda unit: handover.take(unit, conversation, staff, branch.clock.now()))
    found = await branch.database.read(lambda unit: conversations.by_id(unit, conversation))
    assert found is not None
    assert found.owner is Owner.STAFF
    return found.staff_id


async def test_the_manager_answers_first_and_the_queue_after_its_time(branch: Stand) -> None:
    await give(branch)
    conversation, clock = await branch.wait("想咨询", "C1"), branch.clock
    name = (await person(branch, RM)).name
    assert [await waiting(branch, one) for one in (RM, SERVICE, HEAD)] == [[name], [], [name]]
    with pytest.raises(Conflict) as refused:
        await take(branch, conversation, SERVICE)
    assert (refused.value.key, refused.value.parameters) == (
        "conversation_reserved",
        {"owner": name, "until": MONDAY + SPAN},
    )
    assert isinstance(clock, MovableClock)
    clock.move(SPAN)
    heard: list[Signal] = []
    branch.database.listen(heard.extend)
    assert await waiting(branch, SERVICE) == [name]  # time alone opens it, before the clock has knocked
    assert await branch.database.write(lambda unit: personal_service.lapse(unit, clock.now())) == 1
    assert await branch.database.write(lambda unit: personal_service.lapse(unit, clock.now())) == 0
    assert {signal.topic for signal in heard} == {"conversation", "ticket_opened"}
    assert await waiting(branch, SERVICE) == [None]
    assert await take(branch, conversation, SERVICE) == branch.staff[SERVICE]


@pytest.mark.parametrize("number", [RM, HEAD])
async def test_who_may_not_be_kept_waiting_takes_at_once(counter: Stand, number: str) -> None:
    await give(counter)
    conversation = await counter.wait("想咨询", "C1")
    assert await take(counter, conversation, number) == counter.staff[number]
    assert await counter.database.read(lambda unit: ownership.reserved(unit, conversation)) is None


async def test_without_a_manager_who_is_here_the_queue_has_it_at_once(branch: Stand) -> None:
    await give(branch)
    manager, today = await person(branch, RM), branch_date(branch.clock.now())
    away = (today, today + timedelta(days=2))
    await branch.database.write(lambda unit: absences.add(unit, manager, RM, away, branch.clock.now()))
    await branch.wait("想咨询", "C1")
    assert await waiting(branch, SERVICE) == [None]
    (noted,) = await branch.database.read(lambda unit: absences.ahead(unit, RM, today))
    await branch.database.write(lambda unit: absences.remove(unit, manager, RM, noted.id, branch.clock.now()))
    await branch.wait("又想咨询", "C1")
    assert await waiting(branch, SERVICE) == [None]


async def test_what_own_clients_wrote_stands_on_the_managers_page(branch: Stand) -> None:
    await give(branch)
    first = await branch.chat("在吗", "C1")
    await branch.chat("别人的", "C2")
    clock, manager, service = branch.clock, await person(branch, RM), await person(branch, SERVICE)

    async def written(staff: Staff) -> list[int]:
        return await branch.database.read(lambda unit: personal_service.written(unit, staff, clock.now(), 8))

    assert isinstance(clock, MovableClock)
    clock.move(timedelta(minutes=1))
    second = await branch.chat("还有一件事", "C1", ChannelKind.WECHAT)
    assert (await written(manager), await written(service)) == ([second, first], [])
    await take(branch, second, RM)
    clock.move(timedelta(hours=23, minutes=59, seconds=30))
    assert await written(manager) == []


async def test_what_is_grave_is_everybodys(counter: Stand) -> None:
    await give(counter)
    conversation = await counter.wait("想咨询", "C1")
    assert await waiting(counter, SERVICE) == []
    heard = await counter.hear(conversation, "被盗了")

    def ask(unit: Unit) -> None:
        found = conversations.by_id(unit, conversation)
        assert found is not None
        counter.console.handover.ask(unit, found, Wish(heard, "被盗了", counter.clock.now(), Level.P1))

    told: list[Signal] = []
    counter.database.listen(told.extend)
    await counter.database.write(ask)
    assert "ticket_opened" in {signal.topic for signal in told}
    assert await waiting(counter, SERVICE) == [None]


async def test_the_segment_decides_where_nothing_was_said(branch: Stand) -> None:
    client, today = branch.clients["C1"], branch_date(branch.clock.now())

    def standing(unit: Unit) -> Standing:
        return personal_service.standing(unit, client, today)

    def enrich(unit: Unit) -> None:
        packaged.load(unit, branch.clock.now())
        unit.session.execute(update(ClientRow).where(ClientRow.id == client).values(asset_band=AssetBand.FROM_500))

    assert await branch.database.read(standing) == Standing(given=False, said=None)
    await branch.database.write(enrich)
    assert await branch.database.read(standing) == Standing(given=True, said=None)
    await give(branch, personal=False)
    assert await branch.database.read(standing) == Standing(given=False, said=False)
    await branch.wait("想咨询", "C1")
    assert await waiting(branch, SERVICE) == [None]


async def test_only_the_head_decides(counter: Stand) -> None:
    await give(counter, personal=None)
    noted = select(AuditRow.detail).where(AuditRow.action == "client.service")
    assert await counter.database.read(lambda unit: unit.session.scalars(noted).one()) == {"personal": None}
    by, now = await person(counter, RM), counter.clock.now()
    with pytest.raises(NotPermitted):
        await counter.database.write(lambda unit: personal_service.say(unit, by, counter.clients["C1"], True, now))


async def test_absences_are_noted_by_oneself_and_ones_heads(counter: Stand) -> None:
    now = counter.clock.now()
    today, manager, adviser = branch_date(now), await person(counter, RM), await person(counter, ADVISER)
    with pytest.raises(NotPermitted):
        await counter.database.write(lambda unit: absences.add(unit, adviser, RM, (today, today), now))
    for days in ((today, date(2026, 1, 1)), (date(2026, 1, 1), date(2026, 1, 2)), (today, date(2030, 1, 1))):
        with pytest.raises(Refused, match="absence_days"):
            await counter.database.write(partial(absences.add, by=manager, number=RM, days=days, now=now))
    with pytest.raises(Refused, match="absence_unknown"):
        await counter.database.write(lambda unit: absences.remove(unit, manager, RM, 7, now))
