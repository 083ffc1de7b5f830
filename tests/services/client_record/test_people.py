"""Standing, charge, links and notes of a client."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import ClientState, Duty, LinkKind, Purpose
from services import personnel
from services.client_record import notes, people, standing
from services.client_record.people import Bond, Charge
from services.client_record.standing import Turn
from services.delivery.gate import APPLIES
from storage.models import ClientNoteRow
from storage.repositories import client_assignments, client_links, client_particulars
from storage.repositories.client_assignments import Term
from storage.unit import Unit
from tests.console.stand import ADMIN, ADVISER, COMPLIANCE, HEAD, MONDAY, RM, SERVICE, VISITOR, Stand
from tests.services.client_record.known import client, deeds, person

LATER = MONDAY + timedelta(hours=1)
NORMAL, FROZEN = ClientState.NORMAL, ClientState.FROZEN


def test_what_a_standing_stops_is_what_the_gate_stops() -> None:
    assert standing.consequence(NORMAL).stopped == ()
    frozen, deceased = (standing.consequence(state) for state in (FROZEN, ClientState.DECEASED))
    assert Purpose.CARE in frozen.stopped
    assert set(frozen.going) == {purpose for purpose in Purpose if "frozen" not in {r.name for r in APPLIES[purpose]}}
    assert set(deceased.going) == {Purpose.REPLY, Purpose.STAFF_MESSAGE, Purpose.TICKET_UPDATE}
    assert (frozen.left, deceased.left) == (False, True)


async def test_a_standing_is_changed_with_a_reason(branch: Stand) -> None:
    def turn(unit: Unit, number: str, wanted: Turn) -> None:
        standing.turn(unit, person(unit, number), client(unit), wanted)

    tried = [
        (RM, Turn(NORMAL, FROZEN, " ", LATER), "reason_missing"),
        (RM, Turn(NORMAL, NORMAL, "理由", LATER), "client_state_same"),
        (RM, Turn(FROZEN, ClientState.CLOSED, "理由", LATER), "client_state_changed"),
        (VISITOR, Turn(NORMAL, FROZEN, "理由", LATER), "staff_not_permitted"),
    ]
    for number, wanted, key in tried:
        with pytest.raises(Refused, match=key):
            await branch.database.write(partial(turn, number=number, wanted=wanted))
    assert (await branch.database.read(client)).state is NORMAL
    await branch.database.write(lambda unit: turn(unit, COMPLIANCE, Turn(NORMAL, FROZEN, "法院冻结", LATER)))
    assert (await branch.database.read(client)).state is FROZEN
    assert await branch.database.read(deeds) == ["client.state"]


async def test_who_is_in_charge_has_a_history(branch: Stand) -> None:
    def put(unit: Unit, wanted: Charge, number: str = HEAD) -> None:
        people.charge(unit, person(unit, number), client(unit), wanted)

    def terms(unit: Unit) -> list[Term]:
        return client_assignments.history(unit, client(unit).id)

    write = branch.database.write
    await write(lambda unit: put(unit, Charge(Duty.MANAGER, SERVICE, RM, LATER)))
    await write(lambda unit: put(unit, Charge(Duty.ADVISER, ADVISER, "", LATER)))
    first = (await branch.database.read(terms))[-1]
    head = (await branch.database.read(lambda unit: person(unit, HEAD))).name
    assert (first.begun_at, first.begun_by, first.ended_at, first.ended_by) == (MONDAY, None, LATER, head)
    refusals = [
        (Charge(Duty.MANAGER, RM, RM, LATER), Conflict, "charge_changed"),
        (Charge(Duty.MANAGER, SERVICE, SERVICE, LATER), Refused, "charge_same"),
        (Charge(Duty.ADVISER, RM, ADVISER, LATER), Refused, "charge_unfit"),
        (Charge(Duty.MANAGER, VISITOR, SERVICE, LATER), Refused, "charge_unfit"),
        (Charge(Duty.MANAGER, "s99", SERVICE, LATER), Refused, "charge_unfit"),
    ]
    for wanted, kind, key in refusals:
        with pytest.raises(kind, match=key):
            await write(partial(put, wanted=wanted))
    with pytest.raises(NotPermitted):
        await write(lambda unit: put(unit, Charge(Duty.MANAGER, RM, SERVICE, LATER), SERVICE))
    await write(lambda unit: put(unit, Charge(Duty.ADVISER, "", ADVISER, LATER)))
    assert [(term.duty, term.ended_at) for term in await branch.database.read(terms)] == [
        (Duty.ADVISER, LATER),
        (Duty.MANAGER, None),
        (Duty.MANAGER, LATER),
    ]


async def test_the_history_follows_imports_and_leavers(branch: Stand) -> None:
    staff, write = branch.staff, branch.database.write

    def known(unit: Unit) -> None:
        client_particulars.add(unit, [("C9", {"name": "周九", "manager": staff[SERVICE]})], LATER)
        given = {"manager": staff[SERVICE]}
        client_particulars.change(unit, [(client(unit).id, given), (client(unit, "C2").id, {"region": "x"})], LATER)
        client_assignments.put(unit, client(unit).id, Duty.ADVISER, staff[SERVICE], client_assignments.Hand(LATER))

    def held(unit: Unit) -> dict[str, list[tuple[str, bool]]]:
        found = {number: client_assignments.history(unit, client(unit, number).id) for number in ("C1", "C2", "C9")}
        return {number: [(one.name, one.ended_at is None) for one in terms] for number, terms in found.items()}

    await write(known)
    names = await branch.database.read(lambda unit: {number: person(unit, number).name for number in staff})
    rm, service, head = names[RM], names[SERVICE], names[HEAD]
    now = {"C1": [(service, True), (service, True), (rm, False)], "C2": [], "C9": [(service, True)]}
    assert await branch.database.read(held) == now
    await write(lambda unit: personnel.deactivate(unit, person(unit, ADMIN), SERVICE, HEAD, LATER))
    assert (await branch.database.read(held))["C9"] == [(head, True), (service, False)]
    after = (await branch.database.read(held))["C1"]
    assert after == [(head, True), (service, False), (service, False), (rm, False)]


async def test_clients_belong_together(branch: Stand) -> None:
    def link(unit: Unit, bond: Bond, number: str = SERVICE, to: str = "C1") -> None:
        people.link(unit, person(unit, number), client(unit, to), bond)

    home, write = Bond(LinkKind.HOUSEHOLD, "c2", LATER), branch.database.write
    with pytest.raises(Refused, match="client_unknown"):
        await write(lambda unit: link(unit, home, RM))
    twice = await asyncio.gather(*[write(lambda unit: link(unit, home)) for _ in range(3)], return_exceptions=True)
    assert [one.key for one in twice if isinstance(one, Refused)] == ["link_known"] * 2
    await write(lambda unit: link(unit, Bond(LinkKind.REFERRER, "C2", LATER)))
    refusals = [
        (Bond(LinkKind.HOUSEHOLD, "C1", LATER), "C2", "link_known"),
        (Bond(LinkKind.REFERRER, "C2", LATER), "C1", "link_referred"),
        (Bond(LinkKind.REFERRER, "C1", LATER), "C2", "link_circle"),
        (Bond(LinkKind.HOUSEHOLD, "C1", LATER), "C1", "link_impossible"),
        (Bond(LinkKind.HOUSEHOLD, "C7", LATER), "C1", "client_unknown"),
    ]
    for bond, to, key in refusals:
        with pytest.raises(Refused, match=key):
            await write(partial(link, bond=bond, to=to))
    seen = await branch.database.read(
        lambda unit: {
            number: [(one.number, one.kind, one.referred) for one in client_links.of(unit, client(unit, number).id)]
            for number in ("C1", "C2")
        }
    )
    assert seen["C1"] == [("C2", LinkKind.HOUSEHOLD, False), ("C2", LinkKind.REFERRER, False)]
    assert seen["C2"] == [("C1", LinkKind.HOUSEHOLD, False), ("C1", LinkKind.REFERRER, True)]
    await write(lambda unit: people.part(unit, person(unit, HEAD), client(unit, "C2"), 1, LATER))
    with pytest.raises(Refused, match="link_gone"):
        await write(lambda unit: people.part(unit, person(unit, HEAD), client(unit), 1, LATER))
    assert await branch.database.read(deeds) == ["client.link", "client.link", "client.unlink"]


async def test_a_note_is_sealed_and_has_an_author(branch: Stand) -> None:
    def note(unit: Unit, number: str, text: str) -> None:
        notes.add(unit, person(unit, number), client(unit), text, LATER)

    for number, text, key in ((RM, "  ", "text_missing"), (RM, "x" * 2001, "text_too_long"), (ADMIN, "x", "staff")):
        with pytest.raises(Refused, match=key):
            await branch.database.write(partial(note, number=number, text=text))
    await branch.database.write(lambda unit: note(unit, RM, "喜欢电话联系"))
    row = await branch.database.read(lambda unit: unit.session.scalars(select(ClientNoteRow)).one())
    assert (row.staff_id, branch.database.vault.open("client_notes.text", row.text_sealed)) == (
        branch.staff[RM],
        "喜欢电话联系",
    )
    assert "喜欢".encode() not in row.text_sealed
