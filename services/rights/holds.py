"""Legal holds: as long as one stands, nothing of the client is erased."""

from bot.errors import Refused
from bot.vocabulary import Action
from services import audit
from services.audit import Deed
from services.rights.requests import Wish, known, reason_of
from services.staff import demand
from storage.repositories import clients
from storage.repositories import legal_holds as rows
from storage.unit import Unit


def put(unit: Unit, wish: Wish) -> None:
    """Hold everything of a client, for a reason."""
    demand(wish.staff, Action.HOLD_CLIENT)
    reason, client = reason_of(wish), known(unit, wish.number)
    clients.hold(unit, [client.id])
    rows.add(unit, client.id, reason, wish.staff.id, wish.at)
    audit.record(unit, Deed("client.hold", f"client:{client.id}", wish.at, wish.staff.id, reason=reason))


def lift(unit: Unit, wish: Wish) -> None:
    """Lift what holds a client, for a reason; Refused where nothing does."""
    demand(wish.staff, Action.HOLD_CLIENT)
    reason, client = reason_of(wish), known(unit, wish.number)
    lifted = rows.lift(unit, client.id, reason, wish.staff.id, wish.at)
    if not lifted:
        raise Refused("hold_none")
    deed = Deed("client.hold_lifted", f"client:{client.id}", wish.at, wish.staff.id, {"holds": lifted}, reason)
    audit.record(unit, deed)
