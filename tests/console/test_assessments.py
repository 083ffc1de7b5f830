"""Assessments at the counter: who asked, who answered, who settles."""

from datetime import date

import pytest
from sqlalchemy import select, update

from bot.vocabulary import AnsweredBy, AssessmentState, ClientState, Purpose, RiskLevel
from services.suitability import questionnaires
from storage.models import AssessmentRow, AuditRow, ClientRow, DeliveryRow
from tests.audited import deeds
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import ADMIN, ADVISER, COMPLIANCE, HEAD, RM, SERVICE, VISITOR, Stand
from tests.services.suitability.answering import PLAIN

SHEET = {f"q:{name}": key for name, key in PLAIN.items()} | {"answered_by": "client"}


@pytest.fixture
async def asked(branch: Stand) -> Stand:
    """The stand with the sample in use."""
    now = branch.clock.now()
    await branch.database.write(lambda unit: questionnaires.take(unit, questionnaires.packaged(), "t", now))
    return branch


async def address(branch: Stand, number: str = "C1") -> str:
    wanted = select(ClientRow.public_id).where(ClientRow.number == number)
    found = await branch.database.read(lambda unit: unit.session.scalars(wanted).one())
    return f"/console/clients/{found}/assessments"


async def known(branch: Stand, **columns: object) -> None:
    change = update(ClientRow).where(ClientRow.number == "C1").values(columns)
    await branch.database.write(lambda unit: unit.session.execute(change) and None)


async def row(branch: Stand) -> AssessmentRow:
    return await branch.database.read(lambda unit: unit.session.scalars(select(AssessmentRow)).one())


async def level(branch: Stand) -> tuple[RiskLevel | None, date | None]:
    wanted = select(ClientRow.risk_level, ClientRow.risk_valid_until).where(ClientRow.number == "C1")
    found = await branch.database.read(lambda unit: unit.session.execute(wanted).one())
    return found.risk_level, found.risk_valid_until


async def refer(asked: Stand, sign_in: SignIn, number: str = SERVICE) -> tuple[Person, str]:
    """A result two levels above the last one, asked for by a member of staff."""
    await known(asked, risk_level=RiskLevel.C2, risk_valid_until=date(2027, 1, 1))
    person, path = await sign_in(number), await address(asked)
    assert (await person.post(path, **SHEET)).status_code == 303
    return person, path


async def test_a_sheet_is_entered_and_holds_when_the_client_confirms(asked: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(asked)
    assert "您能承受的最大投资损失是？" in words(await person.get(path))
    assert (await person.post(path, **SHEET | {"answered_by": "guardian"})).status_code == 303
    kept = await row(asked)
    assert (kept.staff_id, kept.answered_by, kept.channel) == (asked.staff[SERVICE], AnsweredBy.GUARDIAN, "counter")
    page = words(await person.get(path))
    assert "77 分 · 可介绍 R1 · R2 · R3 · R4 · 有效至 2028-11-22" in page
    assert "监护人" in page
    assert await level(asked) == (None, None)
    assert (await person.post(f"{path}/{kept.id}/confirm", key="k2")).status_code == 303
    assert await level(asked) == (RiskLevel.C4, date(2028, 11, 22))
    again = await person.post(f"{path}/{kept.id}/confirm", key="k3")
    assert (again.status_code, "已经有了结果" in words(again)) == (422, True)


async def test_the_client_is_told_what_the_result_means(asked: Stand, sign_in: SignIn) -> None:
    await asked.chat("你好", "C1")
    person, path = await sign_in(SERVICE), await address(asked)
    await person.post(path, **SHEET)
    await person.post(f"{path}/{(await row(asked)).id}/confirm", key="k2")
    sent = await asked.database.read(lambda unit: unit.session.scalars(select(DeliveryRow)).one())
    assert (sent.purpose, sent.text_key) == (Purpose.SERVICE_NOTICE, "risk_recorded")
    assert sent.parameters == {"level": "C4", "valid_until": "2028-11-22", "range": "R1 / R2 / R3 / R4"}
    assert set(sent.personal) == set(sent.parameters)


async def test_the_page_is_there_in_english(asked: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(asked)
    person.http.cookies.set("quanfu_locale", "en")
    assert "What is the largest loss you could bear?" in words(await person.get(path))


async def test_a_missing_answer_is_named_and_the_others_stay(asked: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(asked)
    sheet = {name: key for name, key in SHEET.items() if name != "q:q07"}
    answer = await person.post(path, **sheet)
    assert (answer.status_code, "第 7 题还没有选择" in words(answer)) == (422, True)
    assert answer.text.count(" checked") == 15
    assert await asked.database.read(lambda unit: unit.session.query(AssessmentRow).count()) == 0


async def test_contradictions_are_asked_about_and_settled_by_others(asked: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(asked)
    sheet = SHEET | {"q:q09": "A", "q:q10": "D"}
    answer = await person.post(path, **sheet)
    assert (answer.status_code, "第 9 题起有回答互相矛盾" in words(answer)) == (422, True)
    assert (await person.post(path, key="k2", **sheet, insists="yes")).status_code == 303
    assert (await row(asked)).state is AssessmentState.REFERRED


async def test_who_lacks_capacity_is_rated_at_the_counter_in_the_lowest_class(asked: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(asked)
    await person.post(path, **SHEET | {"q:q01": "B", "answered_by": "guardian"})
    assert (await row(asked)).level is RiskLevel.C1_MIN


async def test_a_declined_result_changes_nothing(asked: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(asked)
    await person.post(path, **SHEET)
    assert (await person.post(f"{path}/{(await row(asked)).id}/decline", key="k2")).status_code == 303
    assert ((await row(asked)).state, await level(asked)) == (AssessmentState.DECLINED, (None, None))
    told = select(AuditRow.staff_id.is_not(None)).where(AuditRow.action == "assessment.decline")
    assert await asked.database.read(lambda unit: list(unit.session.scalars(told))) == [True]


async def test_somebody_else_settles_what_was_referred_with_a_reason(asked: Stand, sign_in: SignIn) -> None:
    _, path = await refer(asked, sign_in)
    assert await level(asked) == (RiskLevel.C2, date(2026, 11, 22))
    head, settle = await sign_in(HEAD), f"{path}/{(await row(asked)).id}/settle"
    assert "请写明理由" in words(await head.post(settle, key="k2", accepted="yes", text=" "))
    assert (await head.post(settle, key="k3", accepted="yes", text="已核对收入证明")).status_code == 303
    assert await level(asked) == (RiskLevel.C4, date(2028, 11, 22))
    kept = await row(asked)
    assert (kept.state, kept.settled_by) == (AssessmentState.CONFIRMED, asked.staff[HEAD])
    assert [deed.reason for deed in await deeds(asked.database, "assessment.settle")] == ["已核对收入证明"]


async def test_the_trail_names_who_settled_and_not_who_asked(asked: Stand, sign_in: SignIn) -> None:
    _, path = await refer(asked, sign_in)
    await (await sign_in(HEAD)).post(f"{path}/{(await row(asked)).id}/settle", accepted="yes", text="已核对")
    wanted = select(AuditRow.action, AuditRow.staff_id).where(AuditRow.action.startswith("assessment."))
    found = await asked.database.read(
        lambda unit: {each.action: each.staff_id for each in unit.session.execute(wanted)}
    )
    service, head = asked.staff[SERVICE], asked.staff[HEAD]
    assert found == {"assessment.refer": service, "assessment.settle": head, "assessment.confirm": head}


async def test_a_rejected_result_leaves_the_client_without_one(asked: Stand, sign_in: SignIn) -> None:
    _, path = await refer(asked, sign_in)
    compliance = await sign_in(COMPLIANCE)
    settle = f"{path}/{(await row(asked)).id}/settle"
    assert (await compliance.post(settle, accepted="no", text="无法核实")).status_code == 303
    assert ((await row(asked)).state, (await level(asked))[1]) == (AssessmentState.DECLINED, date(2026, 11, 22))


async def test_whoever_asked_does_not_settle(asked: Stand, sign_in: SignIn) -> None:
    head, path = await refer(asked, sign_in, HEAD)
    settle = f"{path}/{(await row(asked)).id}/settle"
    assert (await head.post(settle, key="k2", accepted="yes", text="理由")).status_code == 403
    assert (await row(asked)).state is AssessmentState.REFERRED


async def test_another_client_s_assessment_is_not_under_this_address(asked: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(asked)
    await person.post(path, **SHEET)
    other = f"{await address(asked, 'C2')}/{(await row(asked)).id}/confirm"
    assert (await person.post(other, key="k2")).status_code == 404


async def test_who_has_left_is_not_assessed(asked: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(asked)
    for state in (ClientState.CLOSED, ClientState.DECEASED):
        await known(asked, state=state)
        answer = await person.post(path, **{**SHEET, "key": state})
        assert (answer.status_code, "不能测评" in words(answer)) == (422, True)


async def test_without_a_questionnaire_there_is_no_sheet(branch: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(branch)
    assert "还没有导入风险测评问卷" in words(await person.get(path))
    assert (await person.post(path, **SHEET)).status_code == 422


@pytest.mark.parametrize(
    ("number", "own", "others"),
    [
        (SERVICE, 303, 303),
        (HEAD, 303, 303),
        (RM, 303, 404),
        (ADVISER, 404, 404),
        (COMPLIANCE, 403, 403),
        (VISITOR, 403, 403),
        (ADMIN, 403, 403),
    ],
)
async def test_who_may_ask(asked: Stand, sign_in: SignIn, number: str, own: int, others: int) -> None:
    person = await sign_in(number)
    paths = [await address(asked, client) for client in ("C1", "C2")]
    answers = [await person.post(path, key=f"k{place}", **SHEET) for place, path in enumerate(paths)]
    assert [answer.status_code for answer in answers] == [own, others]


@pytest.mark.parametrize("number", [SERVICE, RM, ADVISER, VISITOR, ADMIN])
async def test_who_may_not_settle(asked: Stand, sign_in: SignIn, number: str) -> None:
    _, path = await refer(asked, sign_in, HEAD)
    person = await sign_in(number)
    settle = f"{path}/{(await row(asked)).id}/settle"
    assert (await person.post(settle, accepted="yes", text="理由")).status_code == 403
