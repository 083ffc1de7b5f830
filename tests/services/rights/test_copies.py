"""A copy of all that is held of one person: whole, theirs only, and never without an entry."""

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import Table, select, update

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import EntryKind, Role
from services.rights import copies, readable, requests
from services.rights.copies import Copy
from services.rights.requests import Answer, Wish
from storage.models import Base, ChatAccountRow, ClientRow, DeliveryRow, InboxRow, TicketEntryRow, TicketRow
from storage.repositories import person_rows, tickets
from storage.repositories.person_parts import PARTS, part_of
from storage.repositories.tickets import Entry
from storage.unit import Unit
from tests.audited import deeds
from tests.services.rights.people import IDENTITIES, NAMES, NOON, House

NOT_THE_PERSON_S = {"clients", "audit", "client_keys", "client_requests", "legal_holds"}
"""Tables that name a client and are dealt with by themselves."""
OWN = (NAMES["C1"], IDENTITIES["C1"], "tg-C1", "C1说的话", "C1的投诉")
OTHERS = ("C2", NAMES["C2"], IDENTITIES["C2"], "员工service", "员工compliance")
ROOTS = {"clients", "chat_accounts", "conversations", "inbox", "tickets", "deliveries", "assessments"}


def wish(house: House, role: Role = Role.COMPLIANCE, reason: str = "客户书面申请") -> Wish:
    return Wish("C1", house.staff[role], reason, NOON)


async def asked(house: House, wanted: Wish | None = None) -> int:
    """Somebody asks for a copy: compliance for one of `C1`."""
    return await house.database.write(lambda unit: copies.ask(unit, wanted or wish(house)))


async def approve(house: House, request: int, role: Role = Role.HEAD) -> None:
    await house.database.write(lambda unit: copies.approve(unit, Answer(request, house.staff[role], NOON)))


async def take(house: House, role: Role = Role.COMPLIANCE, after: timedelta = timedelta()) -> Copy:
    return await house.database.write(lambda unit: copies.take(unit, house.staff[role], "C1", NOON + after))


def names(table: Table) -> set[str]:
    """The tables that a table's rows name."""
    return {key.column.table.name for key in table.foreign_keys}


def test_no_table_that_holds_something_of_a_person_is_forgotten() -> None:
    found = {table.name for table in Base.metadata.sorted_tables if names(table) & ROOTS}
    assert found - NOT_THE_PERSON_S == {part.name for part in PARTS}
    assert {part.name for part in PARTS} | {"clients"} == readable.SHOWN.keys()


async def test_the_copy_holds_a_row_of_every_table_and_nothing_of_another(house: House) -> None:
    likes = update(ClientRow).where(ClientRow.number == "C1").values(prefers="share,fund", branch="人民路营业部")
    await house.database.write(lambda unit: unit.session.execute(likes) and None)
    await approve(house, await asked(house))
    copy = await take(house)
    assert {name for name, rows in copy.tables.items() if not rows} == set()
    with ZipFile(BytesIO(copies.packed(copy))) as file:
        data, *pages = [file.read(name).decode() for name in (copies.DATA, "zh_CN.html", "en.html")]
    assert json.loads(data)["tables"]["assessments"][0]["answers"] == '{"q1": "C1"}'
    for text in (data, *pages):
        assert [one for one in OWN if one not in text] == []
        assert [one for one in OTHERS if one in text] == []
    assert "员工rm" in pages[0]
    assert all(words in pages[0] for words in ("股票; 基金", "人民路营业部", "净值、未知价与到账时间"))
    kept = await deeds(house.database, "client.export")
    assert [(line.number, line.reason, line.detail["rows"]) for line in kept] == [("compliance", "客户书面申请", 36)]


async def test_what_staff_note_on_a_ticket_for_each_other_is_not_given_out(house: House) -> None:
    def note(unit: Unit) -> int:
        ticket = unit.session.scalars(select(TicketRow.id).where(TicketRow.client_id == house.ids["C1"])).one()
        for kind in EntryKind:
            tickets.add_entry(unit, ticket, Entry(kind, NOON, f"{kind}: > {house.staff[Role.RM].name}"))
        return ticket

    await house.database.write(note)
    found = await house.database.read(lambda unit: person_rows.rows(unit, part_of(TicketEntryRow), [house.ids["C1"]]))
    kinds = {row["kind"] for row in found if row["at"] == NOON.isoformat()}
    assert kinds == {EntryKind.CLIENT_MESSAGE, EntryKind.STAFF_REPLY, EntryKind.STATE}


async def test_of_a_chat_that_was_another_s_only_what_came_since_is_theirs(house: House) -> None:
    chat, said = update(ChatAccountRow), update(DeliveryRow)
    changes = (
        chat.where(ChatAccountRow.address == "tg-C1").values(bound_at=NOON),
        said.where(DeliveryRow.key == "said:C1").values(client_id=house.ids["C2"]),
    )
    for change in changes:
        await house.database.write(lambda unit, one=change: unit.session.execute(one) and None)  # type: ignore[misc]
    ids = [house.ids["C1"]]
    found = await house.database.read(lambda unit: person_rows.everything(unit, ids))
    assert {name for name, rows in found.items() if not rows} >= {"inbox", "media", "votes", "misses", "deliveries"}
    later = update(InboxRow).where(InboxRow.platform_id == "tg-C1:1").values(received_at=NOON)
    await house.database.write(lambda unit: unit.session.execute(later) and None)
    found = await house.database.read(lambda unit: person_rows.everything(unit, ids))
    assert len(found["inbox"]) == 1


async def test_without_right_reason_or_client_nothing_is_given_out(small_house: House) -> None:
    refused = [
        (wish(small_house, Role.SERVICE), NotPermitted),
        (wish(small_house, reason="  "), Refused),
        (replace(wish(small_house), number="C9"), Refused),
    ]
    for one, error in refused:
        with pytest.raises(error):
            await asked(small_house, one)
    assert await deeds(small_house.database, "client_request.ask") == []


async def test_one_asks_another_approves_and_for_a_day_it_can_be_taken(small_house: House) -> None:
    request, day = await asked(small_house), copies.VALID
    with pytest.raises(Refused, match="copy_not_approved"):
        await take(small_house)
    for role in (Role.COMPLIANCE, Role.SERVICE):
        with pytest.raises(NotPermitted):
            await approve(small_house, request, role)
    await approve(small_house, request)
    with pytest.raises(Conflict, match="request_over"):
        await approve(small_house, request)
    for role, after in ((Role.HEAD, timedelta()), (Role.COMPLIANCE, day)):
        with pytest.raises(Refused, match="copy_not_approved"):
            await take(small_house, role, after)
    assert await deeds(small_house.database, "client.export") == []
    for after in (timedelta(), day - timedelta(seconds=1)):
        assert (await take(small_house, after=after)).number == "C1"
    kept = await deeds(small_house.database, "client.export")
    assert [(line.number, line.reason, line.detail["request"]) for line in kept] == [
        ("compliance", "客户书面申请", request)
    ] * 2
    assert await small_house.database.read(lambda unit: requests.waiting(unit, small_house.staff[Role.HEAD])) == []
