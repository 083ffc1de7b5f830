"""Where tickets stand, as other systems read it."""

from bot.errors import Refused
from services import audit
from services.integrations.clients import By
from storage.repositories import ticket_standings as rows
from storage.repositories.ticket_standings import Standing
from storage.unit import Unit


class TicketUnknown(Refused):
    """No ticket has this number."""


def one(unit: Unit, by: By, number: str) -> Standing:
    """The ticket of a number; TicketUnknown where there is none."""
    found = rows.by_number(unit, number)
    if found is None:
        raise TicketUnknown("ticket_unknown")
    audit.record(unit, by.deed("ticket.read", f"ticket:{number}"))
    return found


def page(unit: Unit, by: By, client: str | None, after: int, limit: int) -> list[Standing]:
    """Tickets of one client's number or all, as they were opened, after the one of an id.

    One more than `limit` where there are more.
    """
    found = rows.page(unit, client, after, limit + 1)
    if found:
        audit.record(unit, by.deed("ticket.read_list", "tickets", first=found[0].id, last=found[:limit][-1].id))
    return found
