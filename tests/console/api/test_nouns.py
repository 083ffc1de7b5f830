"""Bind codes, consents, products and tickets over the API."""

import pytest
from sqlalchemy import select

from bot.vocabulary import Level, TicketKind
from storage.models import AuditRow
from storage.repositories import clients, consents, tickets
from storage.repositories.tickets import NewTicket
from storage.unit import Unit
from tests.console.api.conftest import CLIENT, Branch, Counter


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough for services that are tested on both."""
    return sqlite_url


async def actions(branch: Branch) -> list[str]:
    """What the audit trail tells, when the names of systems are left in."""
    wanted = select(AuditRow.action, AuditRow.detail).order_by(AuditRow.id)
    found = await branch.database.read(lambda unit: unit.session.execute(wanted).all())
    return [action for action, detail in found if detail.get("by") == "integration:counter"]


async def test_codes_are_refused_as_at_the_counter(branch: Branch, counter: Counter) -> None:
    await counter("PUT", "/clients/A1", {"name": "王岚"})
    told = [(await counter("POST", "/clients/A1/bind-codes", {})).json()["code"]]
    await counter("PUT", "/clients/A1", CLIENT)
    issued = [(await counter("POST", "/clients/A1/bind-codes", {})).status_code for _ in range(6)]
    told.append((await counter("POST", "/clients/A1/bind-codes", {})).json()["detail"])
    await counter("PUT", "/clients/A1/state", {"state": "deceased"})
    told.append((await counter("POST", "/clients/A1/bind-codes", {})).json()["code"])
    told.append((await counter("POST", "/clients/A9/bind-codes", {})).json()["code"])
    assert issued == [201] * 5 + [422]
    assert told == [
        "bind_identity_missing",
        "This client was given 5 codes within 24 hours",
        "bind_client_gone",
        "client_unknown",
    ]
    assert (await actions(branch)).count("bind_code.issue") == 5


async def test_consents_are_recorded_as_in_a_chat(branch: Branch, counter: Counter) -> None:
    await counter("PUT", "/clients/A1", CLIENT)
    for purpose in ("care", "education"):
        await counter("POST", "/clients/A1/consents", {"purpose": purpose, "granted": True})
    no = await counter("POST", "/clients/A1/consents", {"purpose": "care", "granted": False})
    assert no.json() == {"purposes": ["education"], "opted_out": False}

    def stop(unit: Unit) -> None:
        found = clients.by_number(unit, "A1")
        assert found is not None
        consents.set_opted_out(unit, found.id, branch.clock.now())

    await branch.database.write(stop)
    assert (await counter("GET", "/clients/A1/consents")).json() == {"purposes": ["education"], "opted_out": True}
    yes = await counter("POST", "/clients/A1/consents", {"purpose": "care", "granted": True, "channel": "phone"})
    assert yes.json() == {"purposes": ["care"], "opted_out": False}
    assert (await counter("GET", "/clients/A9/consents")).status_code == 404
    wrong = await counter("POST", "/clients/A1/consents", {"purpose": "all", "granted": True, "channel": "Tel"})
    assert [one["field"] for one in wrong.json()["faults"]] == ["purpose", "channel"]
    assert (await actions(branch))[1:] == ["consent.state"] * 3 + ["consent.read", "consent.state"]


async def test_products_are_rated_and_listed(branch: Branch, counter: Counter) -> None:
    fund = {"name": " 稳健一号 ", "risk": "R2", "rated_on": "2026-10-01"}
    new = await counter("PUT", "/products/F1", fund)
    assert (new.status_code, new.json()) == (201, {**fund, "code": "F1", "name": "稳健一号", "offered": True})
    assert (await counter("PUT", "/products/F1", {**fund, "offered": False})).status_code == 200
    for code in ("F2", "F3"):
        await counter("PUT", f"/products/{code}", {**fund, "risk": "R5"})
    page = (await counter("GET", "/products?limit=2")).json()
    assert ([one["code"] for one in page["items"]], page["next"]) == (["F1", "F2"], "F2")
    rest = (await counter("GET", "/products?limit=2&after=F2&risk=R5")).json()
    assert ([one["code"] for one in rest["items"]], rest.get("next")) == (["F3"], None)
    assert (await counter("GET", "/products/F1")).json()["offered"] is False
    assert (await counter("GET", "/products/F9")).json()["detail"] == "No product has the code F9"
    assert await actions(branch) == ["product.rate"] * 4


async def test_tickets_tell_where_they_stand_and_not_what_was_said(branch: Branch, counter: Counter) -> None:
    await counter("PUT", "/clients/A1", CLIENT)

    def opened(unit: Unit) -> None:
        client = clients.by_number(unit, "A1")
        assert client is not None
        for number, whose in (
            ("TS20261123-0001", client.id),
            ("ZX20261123-0001", None),
            ("ZX20261123-0002", client.id),
        ):
            kind = TicketKind.COMPLAINT if number.startswith("TS") else TicketKind.INQUIRY
            ticket = NewTicket(number, kind, Level.P2, branch.clock.now(), "转账失败", client_id=whose)
            tickets.add(unit, ticket)

    await branch.database.write(opened)
    all_of = await counter("GET", "/tickets?limit=2")
    assert "转账" not in all_of.text
    assert [one.get("client") for one in all_of.json()["items"]] == ["A1", None]
    rest = (await counter("GET", f"/tickets?after={all_of.json()['next']}&client=a1")).json()
    assert ([one["number"] for one in rest["items"]], rest.get("next")) == (["ZX20261123-0002"], None)
    one = (await counter("GET", "/tickets/TS20261123-0001")).json()
    assert (one["state"], one["kind"], one["opened_at"]) == ("registered", "complaint", "2026-11-23T02:00:00Z")
    assert (await counter("GET", "/tickets/TS1")).json()["code"] == "ticket_unknown"
    assert (await actions(branch))[1:] == ["ticket.read_list", "ticket.read_list", "ticket.read"]
