"""The life of an entry: written by one, reviewed and published by others, every version kept."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Role
from bot.vocabulary.knowledge import OPEN, TRANSITIONS, EditionState, before
from services.knowledge.contents import changes
from storage.models import AuditRow
from storage.repositories import editions as rows
from storage.repositories.editions import Edition
from storage.unit import Unit
from tests.services.knowledge.bureau import FEES, HOURS, OPENING, Bureau, seen

State = EditionState
DEEDS = ["edit", "review", "send_back", "drop", "publish", "retire", "begin"]
LEADS_TO = {
    "edit": (State.DRAFT, OPEN),
    "review": (State.REVIEWED, {State.DRAFT}),
    "send_back": (State.DRAFT, {State.REVIEWED}),
    "drop": (State.RETIRED, OPEN),
    "publish": (State.PUBLISHED, {State.REVIEWED}),
    "retire": (State.RETIRED, {State.PUBLISHED}),
}


async def test_an_entry_lives_from_draft_to_retired(bureau: Bureau) -> None:
    await bureau.stock()
    one = await bureau.reviewed("open", replace(OPENING, answer="到柜台办理。"))
    assert (one.version, one.state) == (2, State.REVIEWED)
    publication = await bureau.published(one)
    assert (publication.version, publication.entries) == (2, 3)
    history = await bureau.history("open")
    assert [(each.version, each.state) for each in history] == [(2, "published"), (1, "replaced")]
    await bureau.published(retire=("open",), reason="业务停办")
    history = await bureau.history("open")
    assert [(each.state, each.note) for each in history] == [("retired", "业务停办"), ("replaced", None)]
    deeds = await bureau.do(lambda unit: unit.session.scalars(select(AuditRow.action)).all())
    assert set(deeds) == {"knowledge.draft", "knowledge.review", "knowledge.release", "knowledge.publish"}


def test_every_state_can_be_reached_and_ends_are_final() -> None:
    assert {state for state in State if before(state)} == set(State)
    assert {state for state, following in TRANSITIONS.items() if not following} == {State.REPLACED, State.RETIRED}


async def deed(bureau: Bureau, name: str, one: Edition) -> None:
    """One deed on the newest edition, by somebody who may do it."""
    writer, reviewer = bureau.people[Role.SERVICE], bureau.people[Role.ADVISER]
    board, as_seen = bureau.editions, seen(one)
    if name == "publish":
        await bureau.published(one)
    elif name == "retire":
        await bureau.published(retire=(one.entry_id,), reason="why")
    else:
        todo: dict[str, Callable[[Unit], object]] = {
            "begin": lambda unit: board.begin(unit, writer, one.entry_id, HOURS),
            "edit": lambda unit: board.edit(unit, writer, as_seen, HOURS),
            "review": lambda unit: board.review(unit, reviewer, as_seen),
            "send_back": lambda unit: board.send_back(unit, reviewer, as_seen, "why"),
            "drop": lambda unit: board.drop(unit, writer, as_seen, "why"),
        }
        await bureau.do(todo[name])


async def test_deeds_lead_from_state_to_state_as_the_table_says(bureau: Bureau) -> None:
    drawn: list[list[str]] = []

    @given(st.lists(st.sampled_from(DEEDS), min_size=3, max_size=8))
    @settings(max_examples=10, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    def draw(names: list[str]) -> None:
        drawn.append(names)

    draw()
    await bureau.published(await bureau.reviewed("fees", FEES))
    for number, names in enumerate(drawn):
        one = await bureau.draft(f"e{number}", replace(HOURS, question=f"第{number}问", phrasings=()))
        for name in names:
            one = await stepped(bureau, name, one)
        await bureau.clear(one.entry_id)


async def stepped(bureau: Bureau, name: str, one: Edition) -> Edition:
    """The newest edition after a deed, which the table allowed or which changed nothing."""
    if name == "begin":
        allowed, target = one.state not in OPEN, State.DRAFT
    else:
        target, sources = LEADS_TO[name]
        allowed = one.state in sources
    if allowed:
        await deed(bureau, name, one)
    else:
        with pytest.raises(Refused):
            await deed(bureau, name, one)
    newest = (await bureau.history(one.entry_id))[0]
    assert newest.state is (target if allowed else one.state)
    assert newest.version == one.version + (name == "begin" and allowed)
    states = [each.state for each in await bureau.history(one.entry_id)]
    assert sum(state in OPEN for state in states) <= 1
    assert states.count(State.PUBLISHED) <= 1
    return newest


async def test_who_wrote_in_it_neither_reviews_nor_publishes_it(bureau: Bureau) -> None:
    head, compliance = bureau.people[Role.HEAD], bureau.people[Role.COMPLIANCE]
    one = await bureau.draft("open", OPENING, by=Role.HEAD)
    one = await bureau.do(lambda unit: bureau.editions.edit(unit, compliance, seen(one), OPENING))
    for writer in (head, compliance):
        with pytest.raises(NotPermitted) as refused:
            await bureau.do(lambda unit, by=writer: bureau.editions.review(unit, by, seen(one)))  # type: ignore[misc]
        assert (refused.value.key, refused.value.parameters) == ("knowledge_own", {"entry": "open"})
    one = await bureau.do(lambda unit: bureau.editions.review(unit, bureau.people[Role.ADVISER], seen(one)))
    prospect = await bureau.prospect(one)
    for role in (Role.HEAD, Role.COMPLIANCE):
        with pytest.raises(NotPermitted, match="knowledge_own"):
            await bureau.publish(prospect, by=role)


async def test_of_two_editors_the_second_is_told(bureau: Bureau) -> None:
    one = await bureau.draft("open", OPENING)
    first, second = bureau.people[Role.SERVICE], bureau.people[Role.COMPLIANCE]
    await bureau.do(lambda unit: bureau.editions.edit(unit, first, seen(one), FEES))
    with pytest.raises(Conflict, match="knowledge_changed"):
        await bureau.do(lambda unit: bureau.editions.edit(unit, second, seen(one), HOURS))
    with pytest.raises(Conflict, match="knowledge_open"):
        await bureau.draft("open", HOURS, by=Role.COMPLIANCE)
    assert (await bureau.one(one.id)).content == FEES


async def test_what_was_reviewed_and_edited_is_reviewed_anew(bureau: Bureau) -> None:
    one = await bureau.reviewed("open", OPENING)
    edited = await bureau.do(lambda unit: bureau.editions.edit(unit, bureau.people[Role.SERVICE], seen(one), FEES))
    assert (edited.state, edited.reviewer) == (State.DRAFT, None)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (replace(OPENING, answer=" "), "answer"),
        (replace(OPENING, question_en="How?"), "answer_en"),
        (replace(OPENING, category="weather"), "weather"),
        (replace(OPENING, phrasings=("长" * 201,)), "phrasings"),
    ],
)
async def test_what_is_not_whole_is_not_reviewed(sqlite_bureau: Bureau, content: rows.Content, field: str) -> None:
    with pytest.raises(Refused, match="knowledge_incomplete") as refused:
        await sqlite_bureau.reviewed("open", content)
    assert refused.value.parameters["field"] == field


async def test_an_earlier_version_is_brought_back_as_a_draft(bureau: Bureau) -> None:
    await bureau.stock()
    await bureau.published(await bureau.reviewed("open", replace(OPENING, answer="到柜台办理。")))
    old = (await bureau.history("open"))[-1]
    back = await bureau.do(lambda unit: bureau.editions.restore(unit, bureau.people[Role.SERVICE], old.id))
    assert (back.version, back.state, back.content) == (3, State.DRAFT, OPENING)


@pytest.mark.parametrize("role", [Role.RM, Role.ADMIN, Role.VISITOR])
async def test_who_may_not_write_writes_nothing(sqlite_bureau: Bureau, role: Role) -> None:
    with pytest.raises(NotPermitted):
        await sqlite_bureau.draft("open", OPENING, by=role)


async def test_an_id_is_plain(sqlite_bureau: Bureau) -> None:
    for wrong in ("", "Open", "a b", "-a", "x" * 65, "开户"):
        with pytest.raises(Refused, match="knowledge_id"):
            await sqlite_bureau.draft(wrong, OPENING)


def test_a_diff_names_the_fields_that_differ() -> None:
    after = replace(OPENING, answer="新", phrasings=OPENING.phrasings[1:], date_check=True, risk_notice=False)
    changed = {one.field: (one.before, one.after) for one in changes(OPENING, after)}
    assert changed == {
        "answer": ((OPENING.answer,), ("新",)),
        "phrasings": (OPENING.phrasings, OPENING.phrasings[1:]),
        "date_check": (("false",), ("true",)),
        "risk_notice": ((), ("false",)),
    }
    assert [one.field for one in changes(None, HOURS)] == ["category", "question", "answer", "phrasings", "date_check"]
