"""Drafts out of the daily work: from unanswered questions, and from what staff answered."""

import pytest
from sqlalchemy import select

from bot.vocabulary import Locale
from bot.vocabulary.knowledge import EditionState
from services.handover import Answer
from storage.models import AuditRow, DeliveryRow, MissRow
from storage.repositories import misses
from storage.repositories import staff as staff_rows
from storage.repositories.misses import Miss
from storage.unit import Unit
from tests.console.bench import newest, press, states, stock
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import ADVISER, PHONE, RM, SERVICE, Stand
from tests.services.knowledge.bureau import FEES

ADDRESS = "/console/knowledge/misses"
ASKED = ("打新手续费收不收", f"打新要不要手续费，我电话{PHONE}", "打新的手续费")


@pytest.fixture
async def writer(branch: Stand, sign_in: SignIn) -> Person:
    await stock(branch)

    def ask(unit: Unit) -> None:
        for text in ASKED:
            misses.add(unit, Miss(text, Locale.ZH_CN, "unknown", "webchat", None, branch.clock.now(), "fees", 0.3))

    await branch.database.write(ask)
    return await sign_in(SERVICE)


async def settlements(branch: Stand) -> list[str | None]:
    chosen = select(MissRow.settlement).order_by(MissRow.id)
    return await branch.database.read(lambda unit: list(unit.session.scalars(chosen)))


async def test_picked_wordings_become_phrasings_in_a_draft(branch: Stand, writer: Person) -> None:
    answer = await writer.post(f"{ADDRESS}/phrasing", ids="1,2,3", picked="2", entry="fees")
    assert answer.headers["location"] == "/console/knowledge/entries/fees#edit"
    draft = await newest(branch, "fees")
    assert draft.content.phrasings == (*FEES.phrasings, "打新要不要手续费，我电话#")
    assert await settlements(branch) == ["phrasing"] * 3
    assert (
        await writer.post(f"{ADDRESS}/phrasing", ids="1,2,3", picked="1", entry="fees", key="k2")
    ).status_code == 409
    assert await states(branch, "fees") == [EditionState.DRAFT, EditionState.PUBLISHED]


async def test_wordings_go_into_the_draft_that_is_being_written(branch: Stand, writer: Person) -> None:
    await writer.post(f"{ADDRESS}/phrasing", ids="1", picked="1", entry="fees")
    await writer.post(f"{ADDRESS}/phrasing", ids="3", picked="3", entry="fees 交易佣金怎么收？", key="k2")
    draft = await newest(branch, "fees")
    assert (draft.version, draft.content.phrasings[-2:]) == (2, (ASKED[0], ASKED[2]))


async def test_a_group_becomes_a_new_entry_of_the_nearest_category(branch: Stand, writer: Person) -> None:
    answer = await writer.post(f"{ADDRESS}/entry", ids="1,2,3", picked="3")
    assert answer.headers["location"] == "/console/knowledge/entries/asked-1#edit"
    draft = await newest(branch, "asked-1")
    assert (draft.content.question, draft.content.category, draft.content.answer) == (ASKED[2], "fees", "")
    assert ASKED[2] in words(await writer.get("/console/knowledge/entries/asked-1"))
    deeds = await branch.database.read(lambda unit: list(unit.session.scalars(select(AuditRow.action))))
    assert [deed for deed in deeds if deed.startswith(("miss", "knowledge"))] == ["miss.entry", "knowledge.draft"]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("phrasing", {"picked": "1", "entry": "nothing"}),
        ("phrasing", {"entry": "fees"}),
        ("entry", {"picked": "9"}),
        ("entry", {"picked": "x"}),
    ],
)
async def test_what_cannot_be_drafted_settles_nothing(
    branch: Stand, writer: Person, path: str, fields: dict[str, str]
) -> None:
    assert (await writer.post(f"{ADDRESS}/{path}", ids="1,2,3", **fields)).status_code == 422
    assert await settlements(branch) == [None] * 3


async def said(branch: Stand) -> tuple[int, int]:
    """A dialogue that a person took over and answered in: its number, and that of the reply."""
    number = await branch.wait(f"两融利息怎么算？我电话{PHONE}")

    def talk(unit: Unit) -> int:
        me = staff_rows.by_id(unit, branch.staff[SERVICE])
        assert me is not None
        branch.console.handover.take(unit, number, me, branch.clock.now())
        branch.console.handover.reply(unit, me, Answer(number, "r1", "融资利息按日计提。", branch.clock.now()))
        return unit.session.scalars(select(DeliveryRow.id).order_by(DeliveryRow.id.desc())).first() or 0

    return number, await branch.database.write(talk)


async def test_a_reply_of_staff_becomes_a_draft_with_the_question_before_it(branch: Stand, writer: Person) -> None:
    number, reply = await said(branch)
    assert f'name="delivery" value="{reply}"' in (await writer.get(f"/console/conversations/{number}?view=all")).text
    answer = await writer.post(f"/console/conversations/{number}/propose", delivery=str(reply))
    assert answer.headers["location"] == f"/console/knowledge/entries/said-{reply}#edit"
    content = (await newest(branch, f"said-{reply}")).content
    assert (content.question, content.answer) == ("两融利息怎么算？我电话#", "融资利息按日计提。")
    again = await writer.post(f"/console/conversations/{number}/propose", delivery=str(reply), key="k2")
    assert (again.status_code, f"said-{reply}" in words(again)) == (409, True)
    assert await press(writer, branch, f"said-{reply}", "review") == 403


async def test_only_a_reply_of_that_dialogue_may_be_proposed(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    number, reply = await said(branch)
    other = await branch.chat("别的会话", "C2")
    adviser, manager = await sign_in(ADVISER), await sign_in(RM)
    path = "/console/conversations/{}/propose"
    assert (await writer.post(path.format(other), delivery=str(reply))).status_code == 404
    assert (await writer.post(path.format(number), delivery="x")).status_code == 422
    assert (await writer.post(path.format(number), delivery="999")).status_code == 404
    assert (await adviser.post(path.format(number), delivery=str(reply))).status_code == 404
    assert (await manager.post(path.format(number), delivery=str(reply))).status_code == 403
    assert "/propose" not in (await manager.get(f"/console/conversations/{number}?view=all")).text
