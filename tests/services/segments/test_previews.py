"""What a preview foresees is what the gate says, counted in one query."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.clock import branch_date
from bot.vocabulary import (
    ClientState,
    ConsentPurpose,
    Interest,
    Level,
    Locale,
    ProductRisk,
    Purpose,
    RiskLevel,
    Role,
    TicketKind,
)
from bot.vocabulary.conditions import All, Condition, parse
from services import branch, masking, segments
from services.broadcasts.content import TEXT_KEY, Content
from services.delivery.preview import foresee
from services.delivery.submission import Submission, ToClient
from services.segments import Preview, Wanted
from storage.models import ClientInterestRow, ClientPlanRow, ClientRow, DeliveryRow
from storage.repositories import broadcasts, consents, tickets
from storage.repositories.consents import Statement
from storage.repositories.tickets import NewTicket
from storage.unit import Unit
from tests.outreach import ALL, BODY, PLAIN, Desk
from tests.services.delivery.office import NOON

EVERYBODY: Condition = All(())
STRIKES: dict[str, dict[str, Any]] = {
    "D1001": {"state": ClientState.DECEASED},
    "D1002": {"state": ClientState.FROZEN},
    "D1003": {"opted_out_at": NOON},
}


PLANS = {"D1006": ("chosen", None), "D1009": ("few", None), "D1011": ("few", 2), "D1016": ("gone", 1)}
"""Each likes bonds and was sent something three days ago: chosen subjects, one a week, two, and one that was agreed."""


async def peopled(desk: Desk) -> dict[str, int]:
    ids = await desk.demo_clients()

    def strike(unit: Unit) -> None:
        for number, values in STRIKES.items():
            unit.session.execute(update(ClientRow).where(ClientRow.id == ids[number]).values(**values))
        for number, (plan, weekly) in PLANS.items():
            unit.session.add(ClientPlanRow(client_id=ids[number], plan=plan, weekly=weekly, at=NOON))
            unit.session.add(ClientInterestRow(client_id=ids[number], interest=Interest.BONDS, at=NOON))
            sent = {"claimed_at": NOON - timedelta(days=3), "state": "sent", "text_key": "x", "priority": 5}
            times = {"created_at": NOON, "not_before": NOON}
            row = DeliveryRow(key=number, purpose=Purpose.BROADCAST, client_id=ids[number], **sent, **times)
            unit.session.add(row)
        unit.flush()

    await desk.database.write(strike)
    return ids


def troubled(unit: Unit, ids: dict[str, int]) -> None:
    """Some have had what the house allows of a day or a week, rest at noon, or complain."""

    def sent(number: str, times: int, ago: timedelta, purpose: Purpose = Purpose.BROADCAST) -> None:
        for one in range(times):
            when = {"claimed_at": NOON - ago, "created_at": NOON, "not_before": NOON}
            words = {"key": f"{number}:{purpose}:{one}", "text_key": "x", "priority": 5, "state": "sent"}
            unit.session.add(DeliveryRow(purpose=purpose, client_id=ids[number], **words, **when))

    sent("D1012", 3, timedelta(hours=3))
    sent("D1013", 3, timedelta(hours=13))
    sent("D1014", 2, timedelta(hours=3))
    sent("D1020", 3, timedelta(days=6), Purpose.EDUCATION)
    sent("D1021", 3, timedelta(days=8), Purpose.EDUCATION)
    sent("D1022", 1, timedelta(days=2), Purpose.PRODUCT)
    hours = {"D1023": (time(11), time(13)), "D1024": (time(22), time(12, 30)), "D1025": (time(13), time(11))}
    for number, (begin, end) in hours.items():
        resting = update(ClientRow).where(ClientRow.id == ids[number])
        unit.session.execute(resting.values(quiet_from=begin, quiet_to=end))
    tickets.add(unit, NewTicket("T1", TicketKind.COMPLAINT, Level.P3, NOON, "x", client_id=ids["D1026"]))
    fit = {"risk_level": RiskLevel.C5, "risk_valid_until": date(2027, 1, 1), "birth_year": 1990, "birth_month": 5}
    for client_id in (ids[f"D10{one}"] for one in range(12, 28)):
        for purpose in ConsentPurpose:
            consents.add(unit, Statement(client_id, purpose, True, "v", "webchat", NOON))
        unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(**fit, birth_day=1))


def judged(unit: Unit, desk: Desk, ids: dict[str, int], content: Content, at: datetime = NOON) -> Counter[str | None]:
    """The gate's own word on each client."""
    known = branch.present(unit)
    parameters = desk.broadcasts.speech.parameters(content, known, Locale.ZH_CN)
    wanted = [
        Submission(
            key=str(client_id),
            purpose=content.purpose,
            to=ToClient(client_id),
            text_key=TEXT_KEY,
            parameters=parameters,
            material=content.material,
            product_risk=content.product_risk,
            topic=content.topic,
        )
        for client_id in ids.values()
    ]
    return Counter(each.rule for each in foresee(unit, desk.office.delivery, wanted, at))


@pytest.mark.parametrize("purpose", [Purpose.PRODUCT, Purpose.EDUCATION, Purpose.ALERT, Purpose.SERVICE_NOTICE])
async def test_counts_by_reason_are_the_gates(desk: Desk, purpose: Purpose) -> None:
    ids = await peopled(desk)
    risk = ProductRisk.R3 if purpose is Purpose.PRODUCT else None
    topic = Interest.FUNDS if purpose is Purpose.EDUCATION else None
    content = Content("名", purpose, {Locale.ZH_CN: BODY}, ALL, "WL-1", risk, topic)
    expected = await desk.database.read(lambda unit: judged(unit, desk, ids, content))
    wanted = Wanted(EVERYBODY, purpose, risk, topic=topic)
    found = await desk.database.read(lambda unit: previewed(unit, desk, wanted))
    assert found.count == len(ids) == 513
    assert sum(found.reachable.values()) == expected.pop(None)
    assert dict(found.unreachable) == dict(expected)
    assert {"deceased", "unreachable"} <= found.unreachable.keys()
    if topic:
        assert (found.unreachable["plan_topic"], found.unreachable["plan_weekly"]) == (1, 2)


async def test_what_depends_on_the_hour_is_the_gates_too(desk: Desk) -> None:
    ids = await peopled(desk)
    await desk.database.write(lambda unit: troubled(unit, ids))
    expected = {
        Purpose.BROADCAST: {"quiet_hours": 2, "daily_cap": 1},
        Purpose.EDUCATION: {"quiet_hours": 2, "daily_cap": 1, "weekly_cap": 1},
        Purpose.PRODUCT: {"quiet_hours": 2, "daily_cap": 1, "weekly_cap": 1},
        Purpose.CARE: {"quiet_hours": 2, "daily_cap": 1, "open_complaint": 1},
    }
    for purpose, hindered in expected.items():
        risk = ProductRisk.R1 if purpose is Purpose.PRODUCT else None
        content = Content("名", purpose, {Locale.ZH_CN: BODY}, ALL, "WL-1", risk)
        gates, found = await desk.database.read(partial(_both, desk=desk, ids=ids, content=content, at=NOON))
        assert sum(found.reachable.values()) == gates.pop(None)
        assert ({**found.waiting, **found.unreachable}, set(found.waiting)) == (gates, {"quiet_hours", "daily_cap"})
        assert {name: gates[name] for name in hindered} == hindered
    content, night = Content("名", Purpose.BROADCAST, {Locale.ZH_CN: BODY}, ALL), NOON + timedelta(hours=10)
    gates, found = await desk.database.read(partial(_both, desk=desk, ids=ids, content=content, at=night))
    assert (found.reachable, {**found.waiting, **found.unreachable}) == ({}, gates)


def _both(unit: Unit, desk: Desk, ids: dict[str, int], content: Content, at: datetime) -> tuple[Any, Preview]:
    """What the gate says of each client at an instant, and what a preview counts."""
    wanted = Wanted(EVERYBODY, content.purpose, content.product_risk, at=at)
    return judged(unit, desk, ids, content, at), previewed(unit, desk, wanted)


async def test_a_language_whose_words_may_not_be_said_reaches_nobody(desk: Desk) -> None:
    await peopled(desk)
    kept = await desk.submitted(replace(PLAIN, purpose=Purpose.SERVICE_NOTICE))
    wrong = replace(
        kept.content, body={Locale.ZH_CN: "保本保收益，稳赚不赔。", Locale.EN: "Please check your contacts."}
    )

    def look(unit: Unit) -> Preview:
        return desk.broadcasts.preview(unit, desk.people[Role.HEAD], kept.id)

    before = await desk.database.read(look)
    assert await desk.database.write(lambda unit: broadcasts.revise(unit, kept.id, wrong, {kept.state}))
    after = await desk.database.read(look)
    assert "forbidden_words" not in before.unreachable
    counted = select(func.count()).select_from(ClientRow).where(ClientRow.locale == Locale.EN)
    english = await desk.database.read(lambda unit: unit.session.scalars(counted).one())
    assert sum(after.reachable.values()) == english
    assert after.unreachable["forbidden_words"] == sum(before.reachable.values()) - english


def previewed(unit: Unit, desk: Desk, wanted: Wanted) -> Preview:
    return segments.preview(unit, desk.office.delivery, wanted, branch_date(NOON))


async def test_shows_twenty_with_masked_names(desk: Desk) -> None:
    await peopled(desk)
    found = await desk.database.read(lambda unit: previewed(unit, desk, Wanted(EVERYBODY, Purpose.EDUCATION)))
    assert len(found.sample) == segments.SAMPLE
    assert all(member.name.endswith("**") for member in found.sample)
    assert [member.name for member in found.sample[:2]] == ["王**", "欧阳**"]


async def test_a_manager_sees_only_their_own(desk: Desk) -> None:
    ids = await peopled(desk)
    other = desk.people[Role.HEAD].id
    await desk.database.write(
        lambda unit: unit.session.execute(
            update(ClientRow).where(ClientRow.id == ids["D1004"]).values(manager_id=other)
        )
    )
    wanted = Wanted(EVERYBODY, Purpose.EDUCATION, whose=frozenset({other}))
    assert (await desk.database.read(lambda unit: previewed(unit, desk, wanted))).count == 1


async def test_nobody_is_a_segment_too(desk: Desk) -> None:
    await peopled(desk)
    wanted = Wanted(parse({"any": []}), Purpose.EDUCATION)
    found = await desk.database.read(lambda unit: previewed(unit, desk, wanted))
    assert (found.count, dict(found.reachable), dict(found.unreachable), found.sample) == (0, {}, {}, ())


@pytest.mark.parametrize(
    ("full", "shown"),
    [("王晓明", "王**"), ("欧阳泽宇", "欧阳**"), ("欧阳", "欧**"), ("Nurmemet Ali", "Nurm***"), ("", "")],
)
def test_a_masked_name_keeps_the_surname(full: str, shown: str) -> None:
    assert masking.name(full) == shown
