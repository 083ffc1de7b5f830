"""Statistics of the answers: how many were right, what was asked, and what nobody knows."""

import asyncio
import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta

from starlette.responses import Response

from bot.clock import branch_date
from bot.vocabulary import AnswerKind, ChannelKind
from console import charts, misses
from console.downloads import attached
from console.visits import Visit
from services import answers
from services.answers import Counted, Figures
from services.spreadsheet import BYTE_ORDER_MARK, WORKBOOK, cell, workbook
from storage.repositories.answer_sums import Span

PERIODS = (1, 7, 30, 90)
USUAL = 30
CLUSTERS = 10
"""Groups of unanswered questions that are listed."""


async def knowledge(visit: Visit) -> Response:
    """The page."""
    span = _span(visit)
    found = await _figures(visit, span)
    queue = await misses.queue(visit)
    return visit.page(
        "reports.html.j2",
        figures=found,
        span=span,
        length=(span.last - span.first).days + 1,
        this_day=branch_date(visit.console.clock.now()),
        day=timedelta(days=1),
        periods=PERIODS,
        channels=sorted({*found.channels, *([span.channel] if span.channel else [])}),
        chart=charts.stacked([one.series for one in found.days.values()]),
        bar=charts.bar,
        small=answers.SMALL,
        clusters=queue.clusters[:CLUSTERS],
        title_of=visit.title_of,
    )


async def download(visit: Visit) -> Response:
    """The days of the span as a table of any program."""
    span = _span(visit)
    found = await _figures(visit, span)
    table = io.StringIO()
    csv.writer(table).writerows([map(cell, row) for row in _rows(visit, found)])
    content = BYTE_ORDER_MARK + table.getvalue()
    return attached(content, "text/csv; charset=utf-8", f"answers-{span.first}-{span.last}.csv")


async def sheets(visit: Visit) -> Response:
    """The days, the channels and the entries given most as a spreadsheet."""
    span = _span(visit)
    found = await _figures(visit, span)
    tables = {
        visit.words("reports.day"): _rows(visit, found),
        visit.words("reports.channel"): _channels(visit, found),
        visit.words("reports.entry"): _entries(visit, found),
    }
    return attached(await asyncio.to_thread(workbook, tables), WORKBOOK, f"answers-{span.first}-{span.last}.xlsx")


def _rows(visit: Visit, found: Figures) -> Iterator[list[object]]:
    yield _heading(visit, "reports.day")
    for on, counted in found.days.items():
        yield [on.isoformat(), *_numbers(counted)]


def _channels(visit: Visit, found: Figures) -> Iterator[list[object]]:
    yield _heading(visit, "reports.channel")
    for name, counted in found.channels.items():
        yield [visit.console.texts.label(f"channel_{name}", visit.locale), *_numbers(counted)]


def _entries(visit: Visit, found: Figures) -> Iterator[list[object]]:
    heads = ("reports.entry", "reports.entry_id", "reports.given", "reports.first", "outcome.useful", "outcome.useless")
    yield list(map(visit.words, heads))
    for one in found.entries:
        votes = (one.votes.helpful, one.votes.useless)
        yield [visit.title_of(one.entry_id), one.entry_id, one.given, one.offered, *votes]


def _heading(visit: Visit, first: str) -> list[object]:
    return [visit.words(first), visit.words("reports.questions"), *(_name(visit, kind) for kind in AnswerKind)]


def _name(visit: Visit, kind: AnswerKind) -> str:
    return visit.words(f"outcome.{kind}")


def _numbers(counted: Counted) -> list[object]:
    return [counted.total, *(counted.of(kind) for kind in AnswerKind)]


async def _figures(visit: Visit, span: Span) -> Figures:
    now = visit.console.clock.now()
    return await visit.console.database.read(lambda unit: answers.figures(unit, span, now))


def _span(visit: Visit) -> Span:
    """The days that the address names, up to today; what it names wrongly is taken for the usual."""
    given = visit.request.query_params
    length = int(given.get("days", "")) if given.get("days", "") in map(str, PERIODS) else USUAL
    last = _until(given.get("until", ""), branch_date(visit.console.clock.now()))
    channel = given.get("channel", "")
    return Span(last - timedelta(days=length - 1), last, channel if channel in list(ChannelKind) else None)


def _until(text: str, today: date) -> date:
    try:
        named = date.fromisoformat(text)
    except ValueError:
        return today
    return named if date(2000, 1, 1) <= named <= today else today
