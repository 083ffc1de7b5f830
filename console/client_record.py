"""A client's record: editing it beside others, its standing, who is in charge, who belongs together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from starlette.responses import Response

from bot.clock import branch_date
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action, ChannelKind, ClientState, Duty, LinkKind, Locale
from console import faults
from console.clients import allowed, readable, tabs
from console.deeds import Submitted, carry_out, submitted, whole_number
from console.visits import Visit
from services import chats
from services.client_record import editing, people, standing
from services.client_record.editing import Difference, Edit, Field, RecordChanged
from services.client_record.people import Bond, Charge
from services.client_record.standing import Consequence, Turn
from storage.repositories import client_assignments, client_links
from storage.repositories.client_assignments import Term
from storage.repositories.client_links import Link
from storage.repositories.client_lists import Item
from storage.repositories.staff import Staff
from storage.unit import Unit

MINE, THEIRS = "mine", "theirs"
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was refused: which, why, and as it was filled in.

    Where others were faster, `differences` tells it and the form is made anew; else it stays the one that was made
    from `base`, so that a later try is still compared with what its reader saw.
    """

    form: str = ""
    error: str = ""
    typed: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    base: str = ""
    differences: Mapping[Field, Difference] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows."""

    item: Item
    values: Mapping[Field, str]
    base: str
    channels: Sequence[ChannelKind]
    terms: list[Term]
    holders: Mapping[Duty, str]
    able: Mapping[Duty, list[Staff]]
    links: list[Link]
    reachable: frozenset[int]
    may_edit: bool
    may_set: bool
    may_assign: bool


async def show(visit: Visit) -> Response:
    """The record."""
    return await _page(visit, Filled())


async def save(visit: Visit) -> Response:
    """Save what was changed, unless somebody else changed the same."""
    form, typed, now = await submitted(visit), await _typed(visit), visit.console.clock.now()
    edit = Edit(_wanted(typed), typed.get("base", ""), now)
    return await _act(visit, form, typed, lambda unit, item: editing.save(unit, visit.staff, item, edit))


async def state(visit: Visit) -> Response:
    """Set the client's standing."""
    form, typed, now = await submitted(visit), await _typed(visit), visit.console.clock.now()
    before, after = (_chosen(ClientState, typed.get(name)) for name in ("before", "state"))
    turn = Turn(before, after, form.text, now)
    return await _act(visit, form, typed, lambda unit, item: standing.turn(unit, visit.staff, item, turn))


async def charge(visit: Visit) -> Response:
    """Put somebody in charge."""
    form, typed, now = await submitted(visit), await _typed(visit), visit.console.clock.now()
    wanted = Charge(_chosen(Duty, typed.get("duty")), typed.get("staff", ""), typed.get("before", ""), now)
    return await _act(visit, form, typed, lambda unit, item: people.charge(unit, visit.staff, item, wanted))


async def link(visit: Visit) -> Response:
    """Note that another client belongs to this one."""
    form, typed, now = await submitted(visit), await _typed(visit), visit.console.clock.now()
    wanted = Bond(_chosen(LinkKind, typed.get("kind")), typed.get("number", ""), now)
    return await _act(visit, form, typed, lambda unit, item: people.link(unit, visit.staff, item, wanted))


async def part(visit: Visit) -> Response:
    """Take a link away."""
    form, now = await submitted(visit), visit.console.clock.now()
    number = whole_number(str(visit.request.path_params["number"]))
    return await _act(visit, form, {}, lambda unit, item: people.part(unit, visit.staff, item, number, now))


async def _typed(visit: Visit) -> Mapping[str, str]:
    return {name: str(value) for name, value in (await visit.form()).items()}


def _wanted(typed: Mapping[str, str]) -> dict[Field, str]:
    """What the form says of each field; an e-mail address that is not shown is typed anew, taken away, or stays."""
    given = {one: typed[one] for one in Field if one in typed and typed.get(f"pick:{one}") != THEIRS}
    if typed.get("email_none"):
        return given | {Field.EMAIL: ""}
    return {one: text for one, text in given.items() if one is not Field.EMAIL or text.strip()}


E = TypeVar("E", ClientState, Duty, LinkKind)


def _chosen(kind: type[E], word: str | None) -> E:
    if word not in list(kind):
        raise Refused("form_unreadable")
    return kind(word)


async def _act(
    visit: Visit, form: Submitted, typed: Mapping[str, str], work: Callable[[Unit, Item], object]
) -> Response:
    back = f"/console/clients/{visit.request.path_params['public_id']}/record"
    place = visit.request.url.path.rsplit("/", 1)[-1]
    try:
        return await carry_out(visit, form, back, back, lambda unit: work(unit, readable(visit, unit)))
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        told = faults.say(visit, refused)
        if isinstance(refused, RecordChanged):
            return await _page(visit, _anew(place, told, typed, refused), 409)
        return await _page(visit, Filled(place, told, typed, typed.get("base", "")), faults.status_of(refused))


def _anew(place: str, told: str, typed: Mapping[str, str], refused: RecordChanged) -> Filled:
    """The form of a record that changed: what was typed where it was touched, the rest as it stands now."""
    kept = {field.value: text for field, text in refused.kept.items()}
    kept |= {name: text for name, text in typed.items() if name == "email_none"}
    return Filled(place, told, kept, differences={one.field: one for one in refused.differences})


async def _page(visit: Visit, filled: Filled, status: int = 200) -> Response:
    shown = await visit.console.database.read(lambda unit: _shown(visit, unit))
    return visit.page(
        "client_record.html.j2",
        status,
        shown=shown,
        filled=filled,
        tabs=tabs(visit, shown.item),
        consequences={one: _meaning(visit, standing.consequence(one)) for one in ClientState},
        locales=list(Locale),
        kinds=list(LinkKind),
        duties=list(Duty),
        today_on=branch_date(visit.console.clock.now()),
    )


def _meaning(visit: Visit, found: Consequence) -> str:
    """What a standing stops, in words."""
    names = [visit.console.texts.label(f"purpose_{purpose}", visit.locale) for purpose in found.stopped]
    stops = visit.words("record.stops", what=visit.words("common.list").join(names))
    told = stops if names else visit.words("record.stops_nothing")
    return f"{told} {visit.words('record.left')}" if found.left else told


def _shown(visit: Visit, unit: Unit) -> Shown:
    item = readable(visit, unit)
    values, choice = editing.standing(unit, item.id), chats.choice(unit, item.id)
    kept = ChannelKind(values[Field.PREFERRED_CHANNEL]) if values[Field.PREFERRED_CHANNEL] else None
    links = client_links.of(unit, item.id)
    may_assign = allowed(visit, Action.ASSIGN_CLIENTS, item)
    return Shown(
        item=item,
        values=values,
        base=editing.carried(unit, item.id, values),
        channels=list(dict.fromkeys([*choice.channels, *([kept] if kept else [])])),
        terms=client_assignments.history(unit, item.id),
        holders=people.holders(unit, item.id),
        able={duty: people.able(unit, duty) for duty in Duty} if may_assign else {},
        links=links,
        reachable=frozenset(one.client_id for one in links if allowed(visit, Action.READ_CLIENTS, one)),
        may_edit=allowed(visit, Action.EDIT_PREFERENCES, item),
        may_set=allowed(visit, Action.SET_CLIENT_STATE, item),
        may_assign=may_assign,
    )
