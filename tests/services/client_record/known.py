"""Who and what the tests of a record ask for."""

from sqlalchemy import select

from storage.models import AuditRow, ClientRow
from storage.repositories import client_lists
from storage.repositories import staff as staff_rows
from storage.repositories.client_lists import Item
from storage.repositories.staff import Staff
from storage.unit import Unit


def person(unit: Unit, number: str) -> Staff:
    found = staff_rows.by_number(unit, number)
    assert found is not None
    return found


def client(unit: Unit, number: str = "C1") -> Item:
    chosen = unit.session.scalars(select(ClientRow.id).where(ClientRow.number == number)).one()
    found = client_lists.by_id(unit, chosen)
    assert found is not None
    return found


def deeds(unit: Unit) -> list[str]:
    row = AuditRow
    return list(unit.session.scalars(select(row.action).where(row.object.like("client:%")).order_by(row.id)))
