"""The regression set: what every publication must answer rightly, how it comes out now, and who keeps it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action
from console import cursors, faults, suggestions
from console.deeds import carry_out, submitted
from console.visits import Visit
from services.knowledge import regression
from services.knowledge.evaluate import Question
from services.knowledge.regression import LABELS, Grade
from storage.repositories import publications
from storage.repositories.publications import Publication, RegressionQuestion
from storage.unit import Unit

ADDRESS = "/console/knowledge/regression"
PAGE = 40
VIEWS = ("all", "failing")
FIELDS = ("question", "expected", "text")


@dataclass(frozen=True, slots=True)
class Graded:
    """A question of the set, and how it comes out with what is published now."""

    question: RegressionQuestion
    grade: Grade


@dataclass(frozen=True, slots=True)
class Said:
    """What the page has to say about a form: what was typed, and why it was refused."""

    fields: Mapping[str, str]
    error: str = ""
    status: int = 200


async def index(visit: Visit) -> Response:
    """The set, what fails first."""
    return await _page(visit, Said(dict.fromkeys(FIELDS, "")))


async def add(visit: Visit) -> Response:
    """Take a question into the set, for a reason."""
    given = await visit.form()
    fields = {name: str(given.get(name, "")).strip() for name in FIELDS}
    expected = frozenset(part.split()[0] for part in fields["expected"].split("|") if part.strip())
    question, now = Question(fields["question"], expected), visit.console.clock.now()

    def work(unit: Unit) -> None:
        if not fields["text"]:
            raise Refused("reason_missing")
        if not regression.add(unit, visit.staff, [question], now, fields["text"]):
            raise Conflict("knowledge_question_known")

    return await _carried(visit, fields, work)


async def remove(visit: Visit) -> Response:
    """Take a question out of the set, for a reason."""
    number, form, now = int(visit.request.path_params["number"]), await submitted(visit), visit.console.clock.now()
    nothing = dict.fromkeys(FIELDS, "")
    return await _carried(visit, nothing, lambda unit: regression.remove(unit, visit.staff, number, form.text, now))


async def _carried(visit: Visit, fields: Mapping[str, str], work: Callable[[Unit], object]) -> Response:
    """Do it, or say on the page why not."""
    try:
        return await carry_out(visit, await submitted(visit), ADDRESS, ADDRESS, work)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _page(visit, Said(fields, faults.say(visit, refused), faults.status_of(refused)))


async def _page(visit: Visit, said: Said) -> Response:
    questions, latest = await visit.console.database.read(lambda unit: _read(visit, unit))
    graded = await asyncio.to_thread(_graded, visit, questions)
    view, text = _view(visit), visit.request.query_params.get("text", "").strip()[:100]
    fitting = [one for one in graded if text.casefold() in one.question.question.casefold()]
    failing = [one for one in fitting if one.grade is not Grade.RIGHT]
    found = failing if view == "failing" else fitting
    start = cursors.number(visit, "regression") or 0
    return visit.page(
        "regression.html.j2",
        said.status,
        said=said,
        view=view,
        text=text,
        counts={"all": len(fitting), "failing": len(failing)},
        items=found[start : start + PAGE],
        more=cursors.written(visit, "regression", start + PAGE) if start + PAGE < len(found) else "",
        latest=latest,
        title_of=visit.title_of,
        known=suggestions.fitting(visit),
        labels=sorted(LABELS),
        me_may_write=visit.may(Action.WRITE_KNOWLEDGE),
        me_may_approve=visit.may(Action.APPROVE_KNOWLEDGE),
    )


def _view(visit: Visit) -> str:
    given = visit.request.query_params.get("view", "")
    return given if given in VIEWS else VIEWS[0]


def _read(visit: Visit, unit: Unit) -> tuple[list[RegressionQuestion], Publication | None]:
    """The set, and the latest publication, if any."""
    return regression.listed(unit, visit.staff), next(iter(publications.listed(unit, 1)), None)


def _graded(visit: Visit, questions: Sequence[RegressionQuestion]) -> list[Graded]:
    """All of it asked now, the worst first, of equals the newest; a millisecond a question where it is asked anew."""
    asked = [Question(one.question, frozenset(one.expected)) for one in questions]
    run = regression.asked(visit.console.knowledge(), asked)
    order = list(Grade)
    graded = [Graded(question, grade) for question, grade in zip(questions, run.grades, strict=True)]
    return sorted(graded, key=lambda one: (order.index(one.grade), -one.question.id))
