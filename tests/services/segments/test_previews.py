"""What a preview foresees is what the gate says, counted in one query."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.clock import branch_date
from bot.vocabulary import ClientState, Interest, Locale, ProductRisk, Purpose, Role
from bot.vocabulary.conditions import All, Condition, parse
from services import branch, masking, segments
from services.broadcasts.content import TEXT_KEY, Content
from services.delivery.preview import foresee
from services.delivery.submission import Submission, ToClient
from services.segments import Preview, Wanted
from storage.models import ClientInterestRow, ClientPlanRow, ClientRow, DeliveryRow
from storage.unit import Unit
from tests.outreach import ALL, BODY, Desk
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


def judged(unit: Unit, desk: Desk, ids: dict[str, int], content: Content) -> Counter[str | None]:
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
    return Counter(each.rule for each in foresee(unit, desk.office.delivery, wanted, NOON))


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
