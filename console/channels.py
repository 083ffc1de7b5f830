"""The channels: each account with its latest traffic and what the last look at it saw, and a button to look now."""

from datetime import timedelta

from starlette.responses import RedirectResponse, Response

from bot.vocabulary import DeliveryState
from bot.vocabulary.health import Verdict
from console import faults
from console.context import Account
from console.visits import Visit
from services.doctor import latest
from services.doctor.latest import Look
from services.doctor.words import said
from storage.repositories import overviews
from storage.repositories.overviews import Traffic
from storage.unit import Unit

LATELY = timedelta(minutes=15)
TROUBLE = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)


async def index(visit: Visit) -> Response:
    """Every account."""
    now = visit.console.clock.now()
    accounts = sorted(visit.console.capabilities)

    def find(unit: Unit) -> list[tuple[Traffic, Look | None]]:
        since = now - LATELY
        return [(overviews.traffic(unit, *account, since), latest.last(unit, account, now)) for account in accounts]

    found = await visit.console.database.read(find)
    rows = [_row(visit, account, *each) for account, each in zip(accounts, found, strict=True)]
    return visit.page("channels.html.j2", rows=rows)


async def check(visit: Visit) -> Response:
    """Look at one account now, keep what is seen, and show it."""
    kind, name = visit.request.path_params["kind"], visit.request.path_params["account"]
    account = next((each for each in visit.console.capabilities if each == (kind, name)), None)
    if account is None:
        raise faults.NotFound("page_unknown")
    seen, now = await visit.console.examine(account), visit.console.clock.now()
    await visit.console.database.write(lambda unit: latest.keep_all(unit, seen, now))
    return RedirectResponse(f"/console/channels#{kind}-{name}", 303)


def _row(visit: Visit, account: Account, traffic: Traffic, look: Look | None) -> dict[str, object]:
    seen = look.seen if look else ()
    words = visit.console.remarks.of(visit.locale)
    return {
        "kind": account[0],
        "account": account[1],
        "traffic": traffic,
        "can": visit.console.capabilities[account],
        "looked_at": look.at if look else None,
        "lines": [(one.observation.verdict, said(words, one)) for one in seen],
        "state": _state(traffic, [one.observation.verdict for one in seen]),
    }


def _state(traffic: Traffic, verdicts: list[Verdict]) -> Verdict:
    """The worse of what was seen and of what became of the latest messages."""
    if Verdict.FAULT in verdicts:
        return Verdict.FAULT
    troubled = any(traffic.states.get(state) for state in TROUBLE)
    return Verdict.WARN if troubled or Verdict.WARN in verdicts else Verdict.OK
