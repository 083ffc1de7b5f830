"""Publishing: what got worse needs a reason, what is faulty or out of date is refused, every process follows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Locale, Role
from services.knowledge import conflicts, packaged, regression, reviews
from services.knowledge.contents import FaultKind, comparable, entry_of, wordings
from services.knowledge.evaluate import Question
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.packaged import Packaged
from services.knowledge.published import Published, stock_of, trained
from services.knowledge.publishing import REVIEW_SPAN, Wanted
from storage.repositories import publications
from storage.repositories.publications import Publication
from tests.services.knowledge.bureau import FEES, HOURS, OPENING, Bureau, edition, quick, seen

ASKED = [Question("我想开个户", frozenset({"open"})), Question("佣金怎么算", frozenset({"fees"}))]
SOME = tuple(entry_of(edition(name, content)) for name, content in (("open", OPENING), ("fees", FEES)))
THIEF = replace(HOURS, phrasings=("我想开个户", "想开个户", "我要开户", "开个户", "开户"))


async def ask(bureau: Bureau) -> None:
    service, now = bureau.people[Role.SERVICE], bureau.clock.now()
    assert await bureau.do(lambda unit: regression.add(unit, service, ASKED, now)) == 2


async def test_what_gets_worse_needs_a_reason(bureau: Bureau) -> None:
    await bureau.stock()
    await ask(bureau)
    prospect = await bureau.prospect(await bureau.reviewed("hours", THIEF))
    assert [(one.question, one.before) for one in prospect.worse] == [("我想开个户", "right")]
    with pytest.raises(Refused, match="knowledge_worse") as refused:
        await bureau.publish(prospect)
    assert refused.value.parameters == {"number": 1}
    await bureau.publish(prospect, "开户改由开盘条目说明")
    kept = (await bureau.database.read(publications.listed))[0]
    assert kept.staff is not None
    assert (kept.version, kept.staff.number, kept.reason) == (2, "head", "开户改由开盘条目说明")
    assert kept.before is not None
    assert kept.after is not None
    assert kept.after["top1"] < kept.before["top1"] == 1.0
    assert kept.worse == prospect.worse


def test_only_what_a_change_touches_is_asked_for_conflicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many other entries there are."""
    contents = {"open": OPENING, "fees": FEES, "hours": HOURS}
    changed = contents | {"hours": replace(HOURS, phrasings=("什么时候开市", "佣金是多少"))}
    before, after = (
        quick(tuple(entry_of(edition(name, content)) for name, content in each.items()), None)
        for each in (contents, changed)
    )
    asked: list[str] = []
    first = conflicts._first

    def noted(knowledge: Knowledge, text: str) -> str | None:
        asked.append(text)
        return first(knowledge, text)

    monkeypatch.setattr(conflicts, "_first", noted)
    assert conflicts.stolen(before, before, ()) == []
    assert asked == []
    conflicts.stolen(before, after, ())
    assert {"佣金多少", HOURS.question, "佣金是多少"} <= set(asked)
    assert set(asked) & {OPENING.question, *OPENING.phrasings} == set()


async def test_whose_questions_would_be_stolen_is_shown_before(bureau: Bureau) -> None:
    await bureau.stock()
    await ask(bureau)
    prospect = await bureau.prospect(await bureau.reviewed("hours", THIEF))
    assert ("我想开个户", "open", "hours", True) in [
        (one.question, one.owner, one.thief, one.kept) for one in prospect.stolen
    ]
    harmless = await bureau.prospect(await bureau.reviewed("open", replace(OPENING, answer="到柜台。")))
    assert (harmless.stolen, harmless.worse) == ((), ())


async def test_nothing_is_published_over_what_moved_meanwhile(bureau: Bureau) -> None:
    await bureau.stock()
    late = await bureau.prospect(await bureau.reviewed("open", replace(OPENING, answer="到柜台。")))
    await bureau.published(await bureau.reviewed("fees", replace(FEES, answer="面议。")))
    with pytest.raises(Conflict, match="knowledge_moved"):
        await bureau.publish(late)
    assert [each.state for each in await bureau.history("open")] == ["reviewed", "published"]


async def test_an_edition_that_was_edited_while_training_is_not_published(bureau: Bureau) -> None:
    await bureau.stock()
    one = await bureau.reviewed("open", replace(OPENING, answer="到柜台。"))
    prospect = await bureau.prospect(one)
    await bureau.do(lambda unit: bureau.editions.edit(unit, bureau.people[Role.SERVICE], seen(one), FEES))
    with pytest.raises(Conflict, match="knowledge_state"):
        await bureau.publish(prospect)
    with pytest.raises(Conflict, match="knowledge_changed"):
        await bureau.prospect(one)


async def test_faults_among_entries_stop_it(bureau: Bureau) -> None:
    await bureau.stock()
    yesterday = (bureau.clock.now() - timedelta(days=1)).date()
    wrong = replace(HOURS, phrasings=("如何 开户？",), related=("ghost", "fees"), review_on=yesterday)
    prospect = await bureau.prospect(await bureau.reviewed("hours", wrong))
    assert {(fault.entry_id, fault.kind) for fault in prospect.faults} == {
        ("hours", FaultKind.UNKNOWN_RELATED),
        ("hours", FaultKind.REVIEW_PAST),
        ("hours", FaultKind.SHARED_PHRASING),
    }
    with pytest.raises(Refused, match="knowledge_faulty"):
        await bureau.publish(prospect, "all the same")


async def test_only_reviewed_editions_are_published_by_who_may(bureau: Bureau) -> None:
    one = await bureau.reviewed("open", OPENING)
    prospect = await bureau.prospect(one)
    with pytest.raises(NotPermitted):
        await bureau.publish(prospect, by=Role.ADVISER)
    draft = await bureau.prospect(await bureau.draft("fees", FEES))
    with pytest.raises(Conflict, match="knowledge_state"):
        await bureau.publish(draft)


async def test_the_last_entry_stays_and_taking_one_away_needs_a_reason(bureau: Bureau) -> None:
    await bureau.published(await bureau.reviewed("open", OPENING))
    with pytest.raises(Refused, match="knowledge_empty"):
        await bureau.prospect(retire=("open",))
    await bureau.published(await bureau.reviewed("fees", FEES))
    with pytest.raises(Refused, match="knowledge_worse"):
        await bureau.published(retire=("open",), reason=" ")


async def test_a_process_takes_over_what_was_published(bureau: Bureau) -> None:
    await bureau.stock()
    held = await Published.load(bureau.database, quick)
    before = held.current
    assert not await held.refresh(bureau.database)
    await bureau.published(await bureau.reviewed("open", replace(OPENING, answer="到柜台。")), reason="-")
    assert await held.refresh(bureau.database)
    entry = held.current.entry("open")
    assert (entry.answer, entry.version, entry.approved_by) == ("到柜台。", 2, "head")
    await bureau.published(retire=("open",), reason="停办")
    await held.refresh(bureau.database)
    assert "open" not in held.current.entries
    assert held.current.entry("open") is entry
    assert before.find("如何开户", Locale.ZH_CN).entries[0].entry_id == "open"


async def test_thresholds_that_were_fitted_are_published_and_kept_until_the_next(bureau: Bureau) -> None:
    await bureau.stock()
    fitted = replace(Lexicon.read().thresholds, answer=0.99)
    head = bureau.people[Role.HEAD]
    wanted = Wanted(thresholds=fitted)
    proposal = await bureau.database.read(lambda unit: bureau.publishing.read(unit, head, wanted))
    await bureau.publish(bureau.publishing.think(proposal))
    await bureau.published(await bureau.reviewed("open", replace(OPENING, answer="到柜台。")))
    assert (await bureau.database.read(stock_of)).thresholds == fitted
    held = await Published.load(bureau.database, quick)
    assert held.current.thresholds == fitted


async def test_thresholds_of_an_earlier_product_are_set_aside(bureau: Bureau, caplog: pytest.LogCaptureFixture) -> None:
    await bureau.stock()
    fitted = Lexicon.read().thresholds
    short = replace(fitted, sure=fitted.sure[1:], answer=0.99)
    assert trained(SOME, short).thresholds == fitted
    assert "set aside" in caplog.text
    old = {"sure": [1.0], "answer": 0.5}
    await bureau.do(
        lambda unit: publications.add(unit, Publication(2, bureau.clock.now(), None, 3, (), thresholds=old))
    )
    assert (await bureau.database.read(stock_of)).thresholds is None


async def test_answers_whose_day_of_review_is_past_are_listed_until_somebody_confirms_them(bureau: Bureau) -> None:
    await bureau.published(await bureau.reviewed("fees", replace(FEES, date_check=True)))
    today = bureau.clock.now().date()
    head, due = bureau.people[Role.HEAD], today + REVIEW_SPAN
    assert await bureau.do(lambda unit: reviews.overdue(unit, due - timedelta(days=1))) == []
    (one,) = await bureau.do(lambda unit: reviews.overdue(unit, due))
    held = await Published.load(bureau.database, quick)
    assert held.current.entry("fees").overdue(due)
    with pytest.raises(Refused, match="knowledge_review_past"):
        await bureau.do(lambda unit: reviews.confirm(unit, head, seen(one), today, bureau.clock))
    ranker, later = held.current.ranker, due + REVIEW_SPAN
    await bureau.do(lambda unit: reviews.confirm(unit, head, seen(one), later, bureau.clock))
    assert await bureau.do(lambda unit: reviews.overdue(unit, due)) == []
    assert await held.refresh(bureau.database)
    assert not held.current.entry("fees").overdue(due)
    assert held.current.ranker is ranker, "nothing was trained for another date"


async def test_the_product_brings_its_entries_and_leaves_those_of_the_branch(bureau: Bureau) -> None:
    now = bureau.clock.now()
    brought = Packaged({"open": OPENING, "fees": FEES, "hours": HOURS}, ASKED)
    assert await bureau.do(lambda unit: packaged.load(unit, brought, now)) == 3
    assert await bureau.do(lambda unit: packaged.load(unit, brought, now)) == 0
    await bureau.published(await bureau.reviewed("open", replace(OPENING, answer="到柜台。")), reason="-")
    await bureau.published(retire=("hours",), reason="-")
    newer = {name: replace(content, answer="新版。") for name, content in brought.contents.items()}
    assert await bureau.do(lambda unit: packaged.load(unit, Packaged(newer, ASKED), now)) == 1
    stock = await bureau.database.read(stock_of)
    assert {e.entry_id: (e.answer, e.approved_by) for e in stock.entries} == {
        "open": ("到柜台。", "head"),
        "fees": ("新版。", "quanfu"),
    }


def test_the_packaged_entries_are_dated_and_whole() -> None:
    read = packaged.read()
    dated = {(content.date_check, content.review_on) for content in read.contents.values()}
    assert dated == {(False, None), (True, date(2026, 11, 22) + REVIEW_SPAN)}


def test_the_packaged_regression_set_asks_what_nothing_learned() -> None:
    read = packaged.read()
    learned = {comparable(text) for content in read.contents.values() for text in wordings(content)}
    assert [question.text for question in read.questions if comparable(question.text) in learned] == []
    assert {one for question in read.questions for one in question.expected} <= {*read.contents, *regression.LABELS}
    assert len(read.questions) >= 130


def test_what_is_published_answers_as_the_packaged_entries_do(knowledge: Knowledge) -> None:
    entries = tuple(entry_of(edition(name, content)) for name, content in packaged.read().contents.items())
    published = trained(entries, None)
    questions = packaged.read().questions
    assert regression.asked(published, questions) == regression.asked(knowledge, questions)
