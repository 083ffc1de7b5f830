"""`quanfu faq review|publish|regress|calibrate`: what clients are answered from, and whether it got worse."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import name, tell, word
from bot.errors import QuanfuError
from bot.vocabulary import Action
from bot.vocabulary.knowledge import EditionState
from services.knowledge import calibrate, regression
from services.knowledge.contents import changes
from services.knowledge.decision import Thresholds
from services.knowledge.editions import Editions, Standing
from services.knowledge.evaluate import Question, read_questions
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.published import Published, stock_of
from services.knowledge.publishing import Prospect, Publishing, Wanted
from services.knowledge.regression import Grade
from services.staff import demand
from storage.repositories.editions import Edition, Seen
from storage.repositories.staff import Staff

As = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
AsWho = Annotated[str | None, typer.Option("--as", help="your staff number; the password is asked for")]
Ids = Annotated[list[str] | None, typer.Argument(help="ids of entries; all that wait where none is named")]
Gone = Annotated[list[str] | None, typer.Option("--retire", help="id of an entry to take away; repeatable")]
Why = Annotated[str, typer.Option("--reason", help="why, where something gets worse or is taken away")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="show what would come of it, and publish nothing")]
Questions = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="question, tab, expected id")]
More = Annotated[Path | None, typer.Option("--add", exists=True, dir_okay=False, help="questions to add to the set")]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be published: entries by id (none: all reviewed ones), entries to take away, why, or only shown."""

    entries: Sequence[str]
    retire: Sequence[str]
    reason: str
    dry_run: bool


def review(number: As, entries: Ids = None) -> None:
    """Find drafts right that others wrote; what they change is shown."""
    session.run_as(number, partial(_review, wanted=entries or []))


def publish(number: As, entries: Ids = None, retire: Gone = None, reason: Why = "", dry_run: DryRun = False) -> None:
    """Let clients be answered from what was reviewed; the running server follows within two seconds."""
    session.run_as(number, partial(_publish, order=Order(entries or [], retire or [], reason, dry_run)))


def regress(add: More = None, number: AsWho = None) -> None:
    """Ask the regression set of what is published, or add questions to it (with --as)."""
    if add is None:
        session.run(_regress)
    elif number is None:
        raise typer.BadParameter(word("faq_who"))
    else:
        session.run_as(number, partial(_add, questions=asked(add)))


def calibrate_file(file: Questions, number: AsWho = None, reason: Why = "") -> None:
    """Fit the thresholds to what is published and to FILE's questions; --as publishes them."""
    questions = asked(file)
    if number is None:
        session.run(partial(_try_out, questions=questions))
    else:
        session.run_as(number, partial(_calibrate, questions=questions, reason=reason))


def asked(file: Path) -> tuple[Question, ...]:
    """The questions of a file; a fault is told with its line."""
    try:
        return read_questions(file)
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from fault


async def _review(desk: Session, reviewer: Staff, wanted: Sequence[str]) -> None:
    editions = Editions(desk.clock)
    found = await desk.database.read(lambda unit: editions.listed(unit, reviewer))
    drafts = [(each, each.open) for each in _chosen(found, wanted, EditionState.DRAFT) if each.open]
    others = [pair for pair in drafts if wanted or reviewer.id not in pair[1].writers]
    for standing, draft in others:
        _show_changes(standing, draft)
        seen = Seen(draft.id, draft.revision)
        await desk.database.write(lambda unit, one=seen: editions.review(unit, reviewer, one))  # type: ignore[misc]
        tell("faq_reviewed", entry=draft.entry_id, version=draft.version)
    if not others:
        tell("faq_nothing_to_review")


def _chosen(found: Sequence[Standing], wanted: Sequence[str], state: EditionState) -> list[Standing]:
    """Entries with an open version in a state; QuanfuError where a named one has none, or there is none at all."""
    waiting = {each.newest.entry_id: each for each in found if each.open and each.open.state is state}
    if missing := [entry_id for entry_id in wanted if entry_id not in waiting]:
        raise QuanfuError(word("faq_not_waiting", entry=missing[0], state=name("edition_state", state)))
    return [waiting[entry_id] for entry_id in wanted or waiting]


def _show_changes(standing: Standing, edition: Edition) -> None:
    before = standing.published.content if standing.published else None
    for one in changes(before, edition.content):
        sys.stdout.write(f"{edition.entry_id} · {name('faq_field', one.field)}\n")
        for sign, texts, others in (("-", one.before, one.after), ("+", one.after, one.before)):
            sys.stdout.writelines(f"  {sign} {text}\n" for text in texts if text not in others)


async def _publish(desk: Session, approver: Staff, order: Order) -> None:
    editions = Editions(desk.clock)
    found = await desk.database.read(lambda unit: editions.listed(unit, approver))
    chosen = _chosen(found, order.entries, EditionState.REVIEWED) if order.entries or not order.retire else []
    seen = tuple(Seen(each.open.id, each.open.revision) for each in chosen if each.open)
    await _carry_out(desk, approver, Wanted(seen, tuple(order.retire)), order)


async def _carry_out(desk: Session, approver: Staff, wanted: Wanted, order: Order) -> None:
    publishing = Publishing(desk.clock)
    if not order.dry_run:
        demand(approver, Action.APPROVE_KNOWLEDGE)
    proposal = await desk.database.read(lambda unit: publishing.read(unit, approver, wanted))
    prospect = await asyncio.to_thread(publishing.think, proposal)
    _show_prospect(prospect)
    if order.dry_run:
        return
    made = await desk.database.write(lambda unit: publishing.publish(unit, approver, prospect, order.reason))
    tell("faq_published", version=made.version, entries=made.entries)


def _show_prospect(prospect: Prospect) -> None:
    """The figures before and after, and everything that speaks against it."""
    before, after = prospect.before.shares, prospect.after.shares
    heads = [word(f"faq_head_{head}") for head in ("figure", "before", "after")]
    show([heads, *([figure, f"{before[figure]:.4g}", f"{after[figure]:.4g}"] for figure in after)])
    tell("faq_outcome", better=prospect.better, worse=len(prospect.worse))
    for one in prospect.worse:
        grades = {"before": name("grade", one.before), "after": name("grade", one.after)}
        tell("faq_worse", question=one.question, expected="|".join(one.expected), **grades)
    for theft in prospect.stolen:
        tell("faq_stolen", question=theft.question, owner=theft.owner, thief=theft.thief)
    for fault in prospect.faults:
        said = word(f"faq_fault_{fault.kind.value}", entry=fault.entry_id, detail=fault.detail)
        sys.stderr.write(said + "\n")


async def _regress(desk: Session) -> None:
    questions = await desk.database.read(regression.questions_of)
    knowledge = (await Published.load(desk.database)).current
    run = await asyncio.to_thread(regression.asked, knowledge, questions)
    show([[figure, f"{share:.4g}"] for figure, share in run.shares.items()])
    for question, grade in zip(questions, run.grades, strict=True):
        if grade is not Grade.RIGHT:
            expected = "|".join(sorted(question.expected))
            tell("faq_failed", question=question.text, expected=expected, grade=name("grade", grade))


async def _add(desk: Session, person: Staff, questions: Sequence[Question]) -> None:
    now = desk.clock.now()
    added = await desk.database.write(lambda unit: regression.add(unit, person, questions, now))
    tell("faq_added", number=added, known=len(questions) - added)


async def _try_out(desk: Session, questions: Sequence[Question]) -> None:
    await _fit(desk, questions)
    tell("faq_not_stored")


async def _calibrate(desk: Session, person: Staff, questions: Sequence[Question], reason: str) -> None:
    fitted = await _fit(desk, questions)
    await _carry_out(desk, person, Wanted(thresholds=fitted), Order([], [], reason, dry_run=False))


async def _fit(desk: Session, questions: Sequence[Question]) -> Thresholds:
    """The fitted thresholds, told with the calibration table on all of the questions."""
    stock, lexicon = await desk.database.read(stock_of), Lexicon.read()
    if not stock.editions:
        raise QuanfuError(word("faq_nothing_published"))
    fitted = await asyncio.to_thread(calibrate.refit_entries, stock.entries, lexicon, questions)
    knowledge = Knowledge.build(stock.entries, replace(lexicon, thresholds=fitted))
    show([[figure, str(value)] for figure, value in asdict(fitted).items()])
    heads = [word(f"faq_head_{head}") for head in ("confidence", "right", "number")]
    rows = calibrate.reliability(knowledge, questions)
    show([heads, *([f"{sure:.2f}", f"{right:.2f}", str(count)] for sure, right, count in rows)])
    return fitted
