"""Erasing a person: what may go goes, what must stay stays until its day, and nobody else is touched."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import DeliveryState, Role, TicketState
from bot.vocabulary.conditions import All
from bot.vocabulary.rights import Gone
from services.audit.chain import Chain
from services.rights import erasure, holds, keeping, requests
from services.rights.erasure import Plan
from services.rights.requests import Answer, Wish
from storage.models import Base, ChatAccountRow, ClientKeyRow, ClientRow, DeliveryRow, TicketRow
from storage.repositories import (
    audiences,
    client_lists,
    client_particulars,
    clients,
    conversation_lists,
    drafts,
    person_rows,
    ticket_lists,
)
from storage.repositories import erasure as rows
from storage.repositories.care import Occurrence, candidates
from storage.repositories.person_parts import PARTS
from storage.unit import Unit
from tests.audited import deeds
from tests.services.rights.people import EARLIER, IDENTITIES, NAMES, NOON, House

NOW_GONE = {"profile", "statements", "chats", "questions"}
OVER = EARLIER.replace(year=EARLIER.year + 20) + timedelta(days=1)
SECRETS = ("C1说的话", "对C1说的话", "C1的投诉", "C1的经过", "C1的问题", "tg-C1")


def wish(house: House, role: Role = Role.COMPLIANCE, reason: str = "客户书面申请", number: str = "C1") -> Wish:
    return Wish(number, house.staff[role], reason, NOON)


def answer(house: House, request: int, role: Role = Role.HEAD, reason: str = "") -> Answer:
    return Answer(request, house.staff[role], NOON, reason)


async def erased(house: House) -> Plan:
    """`C1` is erased: compliance asks, the head approves."""
    request = await house.database.write(lambda unit: erasure.ask(unit, wish(house)))
    return await house.database.write(lambda unit: erasure.approve(unit, answer(house, request)))


def whole(unit: Unit) -> str:
    """Everything in the database but the audit trail, as text."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in ("audit", "questionnaires")]
    return "\n".join(str(row) for table in tables for row in unit.connection.execute(select(table)))


def sizes(unit: Unit) -> dict[str, int]:
    return {part.name: unit.session.scalars(select(func.count()).select_from(part.model)).one() for part in PARTS}


async def test_the_plan_tells_what_goes_what_stays_and_until_when_and_writes_nothing(small_house: House) -> None:
    before = await small_house.database.read(whole)
    found = await small_house.database.read(lambda unit: erasure.plan(unit, small_house.staff[Role.HEAD], "C1", NOON))
    shares = {one.keep: (one.goes > 0, one.stays > 0, one.until) for one in found.shares}
    kept = (False, True, date(2045, 10, 19))
    assert shares == {keep: (True, False, None) if keep in NOW_GONE else kept for keep in keeping.classes()}
    assert (found.next_on, found.holds, found.open_tickets) == (date(2045, 10, 19), [], 0)
    assert await small_house.database.read(whole) == before


async def test_an_erased_client_leaves_what_must_stay_and_nothing_else(house: House) -> None:
    ids, other = [house.ids["C1"]], [house.ids["C2"]]
    before = await house.database.read(lambda unit: (person_rows.everything(unit, other), sizes(unit)))
    await erased(house)
    found = await house.database.read(lambda unit: person_rows.everything(unit, ids))
    assert {name for name, rows in found.items() if not rows} == {
        part.name for part in PARTS if part.keep in NOW_GONE and part.left is None
    }
    assert [found["inbox"][0]["text"], found["tickets"][0]["summary"]] == ["C1说的话", "C1的投诉"]
    profile = {name: value for name, value in found["clients"][0].items() if value not in (None, False, "", "unknown")}
    assert profile.keys() == {"number", "locale", "state", "kind", "gone", "created_at", "updated_at"}
    held = await house.database.read(whole)
    assert [word for word in (NAMES["C1"], IDENTITIES["C1"], "tg-C1", "C1的问题") if word in held] == []
    after = await house.database.read(lambda unit: (person_rows.everything(unit, other), sizes(unit)))
    assert after[0] == before[0] | {"client_links": []}
    gone = {name for name in after[1] if after[1][name] < before[1][name]}
    assert gone == {part.name for part in PARTS if part.keep in NOW_GONE and part.left is None} | {"client_tags"}


async def test_the_key_goes_with_the_client_and_the_chain_stays_whole(small_house: House) -> None:
    await small_house.database.write(lambda unit: holds.put(unit, wish(small_house, reason="诉讼")))
    await small_house.database.write(lambda unit: holds.lift(unit, wish(small_house, reason="结案")))
    await Chain(small_house.database).seal()
    await erased(small_house)
    await Chain(small_house.database).seal()
    report = await Chain(small_house.database).verify()
    assert (report.broken, report.unsealed) == (None, 0)
    kept = {
        line.action: (line.number, line.erased, line.reason) for line in await deeds(small_house.database, "client")
    }
    assert kept["client.hold"] == ("compliance", True, None)
    assert kept["client_request.ask"] == ("compliance", True, None)
    assert kept["client_request.approve"] == ("head", False, None)
    key = await small_house.database.read(lambda unit: unit.session.get_one(ClientKeyRow, small_house.ids["C1"]))
    assert (key.wrapped, key.destroyed_at) == (None, NOON)


async def test_what_staff_typed_and_never_sent_goes_too(small_house: House) -> None:
    def typed(unit: Unit) -> list[str]:
        pages = {
            row.number: row.public_id
            for row in unit.session.execute(select(ClientRow.number, ClientRow.public_id).order_by(ClientRow.id))
        }
        chats = {"C1": 1, "C2": 2}
        return [
            place
            for number, public_id in pages.items()
            for place in (
                *(f"client:{public_id}:note", f"/console/clients/{public_id}", f"/console/clients/{public_id}/rights"),
                *(f"ticket:TS-{number}:reply", f"/console/tickets/TS-{number}", f"conversation:{chats[number]}:reply"),
            )
        ]

    def save(unit: Unit) -> None:
        staff = small_house.staff[Role.SERVICE].id
        for place in typed(unit):
            drafts.save(unit, staff, place, "没发出的话", NOON)

    await small_house.database.write(save)
    await erased(small_house)
    kept, places = await small_house.database.read(
        lambda unit: (drafts.places(unit, small_house.staff[Role.SERVICE].id), typed(unit))
    )
    assert kept == set(places[6:])


async def test_the_rest_goes_on_its_day_and_with_it_the_number(house: House) -> None:
    await erased(house)
    assert await erasure.work(house.database, NOON + timedelta(days=1)) == 0
    await house.database.write(lambda unit: holds.put(unit, wish(house, reason="诉讼")))
    assert await erasure.work(house.database, OVER) == 0
    await house.database.write(lambda unit: holds.lift(unit, wish(house, reason="结案")))
    assert await erasure.work(house.database, OVER) == 1
    held = await house.database.read(whole)
    assert [word for word in SECRETS if word in held] == []
    assert "C2说的话" in held
    assert await erasure.work(house.database, OVER) == 0
    waits = await house.database.read(lambda unit: requests.waiting(unit, house.staff[Role.HEAD]))
    assert waits == []
    found = await house.database.read(lambda unit: unit.session.get_one(ClientRow, house.ids["C1"]))
    assert (found.number, found.gone) == (f"erased:{house.ids['C1']}", Gone.ERASED)


async def test_two_persons_decide_and_whoever_asked_may_take_it_back(small_house: House) -> None:
    database = small_house.database
    for role, reason, error in ((Role.SERVICE, "x", NotPermitted), (Role.HEAD, " ", Refused)):
        with pytest.raises(error):
            await database.write(lambda unit, r=role, w=reason: erasure.ask(unit, wish(small_house, r, w)))  # type: ignore[misc]
    request = await database.write(lambda unit: erasure.ask(unit, wish(small_house)))
    with pytest.raises(Refused, match="request_waits"):
        await database.write(lambda unit: erasure.ask(unit, wish(small_house, Role.HEAD)))
    for role in (Role.COMPLIANCE, Role.SERVICE, Role.ADMIN):
        with pytest.raises(NotPermitted):
            await database.write(lambda unit, r=role: erasure.approve(unit, answer(small_house, request, r)))  # type: ignore[misc]
    back = answer(small_house, request, Role.COMPLIANCE, "客户撤回")
    await database.write(lambda unit: requests.decline(unit, back))
    for work in (erasure.approve, requests.decline):
        with pytest.raises(Conflict):
            await database.write(lambda unit, w=work: w(unit, replace(back, staff=small_house.staff[Role.HEAD])))  # type: ignore[misc]
    assert not await database.read(lambda unit: clients.gone(unit, small_house.ids["C1"]))


async def test_a_hold_or_an_open_ticket_stands_against_it_at_every_step(small_house: House) -> None:
    database = small_house.database
    request = await database.write(lambda unit: erasure.ask(unit, wish(small_house)))
    await database.write(lambda unit: holds.put(unit, wish(small_house, reason="诉讼")))
    with pytest.raises(Refused, match="erase_held"):
        await database.write(lambda unit: erasure.approve(unit, answer(small_house, request)))
    with pytest.raises(NotPermitted):
        await database.write(lambda unit: holds.lift(unit, wish(small_house, Role.HEAD)))
    await database.write(lambda unit: holds.lift(unit, wish(small_house)))
    again = update(TicketRow).where(TicketRow.number == "TS-C1").values(state=TicketState.INVESTIGATING)
    await database.write(lambda unit: unit.session.execute(again) and None)
    with pytest.raises(Refused, match="erase_open_tickets"):
        await database.write(lambda unit: erasure.approve(unit, answer(small_house, request)))


async def test_nothing_finds_or_reaches_an_erased_client(house: House) -> None:
    pending = update(DeliveryRow).where(DeliveryRow.key == "said:C1").values(state=DeliveryState.PENDING)
    await house.database.write(lambda unit: unit.session.execute(pending) and None)
    await erased(house)

    def look(unit: Unit) -> None:
        said = unit.session.scalars(select(DeliveryRow).where(DeliveryRow.key == "said:C1")).one()
        assert (said.state, said.rule, said.address) == (DeliveryState.CANCELLED, "erased", None)
        chat = unit.session.scalars(select(ChatAccountRow).where(ChatAccountRow.client_id == house.ids["C1"])).one()
        assert (chat.address, chat.gone_at) == (f"erased:{chat.id}", NOON)
        listed = client_lists.page(unit, client_lists.Wanted())
        assert [item.number for item in listed] == ["C2"]
        everybody = audiences.chosen(All(()), NOON.date())
        assert audiences.numbers(unit, everybody, None, 10) == ["C2"]
        assert [one.number for one in candidates(unit, Occurrence((), (), everybody=True), 0, 10)] == ["C2"]
        assert client_particulars.standing(unit, ["C1"], ["name"])["C1"].gone
        chats = conversation_lists.Wanted(conversation_lists.View.ALL, 0, None, NOON)
        assert [item.client_id for item in conversation_lists.page(unit, chats)] == [house.ids["C2"]]
        tickets = ticket_lists.Wanted(ticket_lists.View.ALL, 0, None, NOON, NOON)
        assert [item.number for item in ticket_lists.page(unit, tickets)] == ["TS-C2"]
        assert (conversation_lists.one(unit, 1), ticket_lists.by_number(unit, "TS-C1")) == (None, None)

    await house.database.read(look)


def test_every_column_of_a_client_is_emptied_or_kept_on_purpose() -> None:
    kept = {"id", "public_id", "number", "kind", "opted_out_at", "fictional", "merged_into", "created_at", "updated_at"}
    assert {column.name for column in ClientRow.__table__.columns} - kept == rows.EMPTY.keys()


def test_every_class_is_used_and_every_part_has_one() -> None:
    assert {part.keep for part in PARTS} == set(keeping.classes())
    assert [part.name for part in PARTS if keeping.classes()[part.keep].years and part.at is None] == []


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2060, 1, 1)))  # noqa: DTZ001 - zone below
def test_what_may_go_by_its_last_day_was_kept_its_years(at: datetime) -> None:
    instant = at.replace(tzinfo=UTC)
    over = keeping.before("tickets", instant)
    assert over is not None
    assert over < instant
    assert keeping.until("tickets", over) >= (instant - timedelta(days=1)).date()
