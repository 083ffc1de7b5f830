"""A client's assessments: what was asked, by whom and with which result, and a sheet for the counter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from bot.clock import branch_date
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action, AnsweredBy, AssessmentState
from console import faults
from console.clients import allowed, readable, tabs
from console.deeds import Submitted, carry_out, submitted, whole_number
from console.visits import Visit
from services.suitability import counter
from services.suitability.counter import Line, Settlement, Sheet
from services.suitability.matrix import packaged
from services.suitability.questionnaire import Questionnaire
from storage.repositories.client_lists import Item
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows; `sheet` is None where none can be filled in."""

    item: Item
    lines: list[Line]
    sheet: Questionnaire | None
    may_ask: bool
    may_settle: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet that was refused, as it was filled in, and why."""

    error: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    contradicts: bool = False


async def show(visit: Visit) -> Response:
    """A client's assessments."""
    return await _page(visit, Filled())


async def record(visit: Visit) -> Response:
    """Enter a sheet that was filled in at the counter."""
    form, given = await submitted(visit), await visit.form()
    answers = {name[2:]: str(value) for name, value in given.items() if name.startswith("q:")}
    by = AnsweredBy.GUARDIAN if given.get("answered_by") == AnsweredBy.GUARDIAN else AnsweredBy.CLIENT
    insists, now = given.get("insists") == "yes", visit.console.clock.now()

    def work(unit: Unit, item: Item) -> None:
        counter.record(unit, visit.staff, Sheet(item.id, answers, by, insists, now))

    return await _act(visit, form, work, answers)


async def confirm(visit: Visit) -> Response:
    """The client confirmed the result, and is sent what it means."""
    form, number, now = await submitted(visit), _number(visit), visit.console.clock.now()

    def work(unit: Unit, _item: Item) -> None:
        done = counter.confirm(unit, visit.staff, number, now)
        visit.console.handover.submit(unit, counter.notice(done))

    return await _act(visit, form, work)


async def decline(visit: Visit) -> Response:
    """The client did not agree with the result."""
    form, number, now = await submitted(visit), _number(visit), visit.console.clock.now()
    return await _act(visit, form, lambda unit, _item: counter.decline(unit, visit.staff, number, now))


async def settle(visit: Visit) -> Response:
    """Let a referred result hold, or not."""
    form, given = await submitted(visit), await visit.form()
    accepted, now = given.get("accepted") == "yes", visit.console.clock.now()
    wanted = Settlement(_number(visit), accepted, form.text, now)

    def work(unit: Unit, _item: Item) -> None:
        done = counter.settle(unit, visit.staff, wanted)
        if done.state is AssessmentState.CONFIRMED:
            visit.console.handover.submit(unit, counter.notice(done))

    return await _act(visit, form, work)


async def _act(
    visit: Visit, form: Submitted, work: Callable[[Unit, Item], object], answers: Mapping[str, str] | None = None
) -> Response:
    back = f"/console/clients/{visit.request.path_params['public_id']}/assessments"
    try:
        return await carry_out(visit, form, back, back, lambda unit: work(unit, _own(visit, unit)))
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        contradicts = refused.key == "assessment_contradiction"
        return await _page(visit, Filled(faults.say(visit, refused), answers or {}, contradicts), 422)


def _own(visit: Visit, unit: Unit) -> Item:
    """The client of the address; an assessment of anybody else does not exist there."""
    item = readable(visit, unit)
    number = _number(visit)
    if number and number not in {line.one.id for line in counter.lines(unit, item.id)}:
        raise faults.NotFound("page_unknown")
    return item


def _number(visit: Visit) -> int:
    """The assessment's number in the address; 0 where there is none."""
    return whole_number(str(visit.request.path_params.get("number", "0")))


async def _page(visit: Visit, filled: Filled, status: int = 200) -> Response:
    shown = await visit.console.database.read(lambda unit: _shown(visit, unit))
    today = branch_date(visit.console.clock.now())
    context = {"shown": shown, "filled": filled, "states": AssessmentState, "counter": counter.COUNTER}
    table = {level: sorted(risks) for level, risks in packaged().levels.items()}
    answered_by = list(AnsweredBy)
    return visit.page(
        "assessments.html.j2",
        status,
        today_on=today,
        products=table,
        answered_by=answered_by,
        me_id=visit.staff.id,
        tabs=tabs(visit, shown.item),
        **context,
    )


def _shown(visit: Visit, unit: Unit) -> Shown:
    item = readable(visit, unit)
    may_ask = allowed(visit, Action.ASK_ASSESSMENT, item)
    return Shown(
        item=item,
        lines=counter.lines(unit, item.id),
        sheet=counter.asked_now(unit) if may_ask else None,
        may_ask=may_ask,
        may_settle=visit.may(Action.SETTLE_ASSESSMENT),
    )
