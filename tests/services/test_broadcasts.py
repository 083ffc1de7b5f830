"""A broadcast: two people, a frozen audience, one row for each recipient, and an end that is accounted for."""

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import DeliveryState, Locale, MediaState, ProductRisk, Purpose, RiskLevel, Role
from bot.vocabulary.broadcasts import TRANSITIONS, BroadcastState, before
from services import teams
from services.broadcasts import board, report
from storage.models import AuditRow, BroadcastRow, ClientRow, DeliveryRow, MediaRow
from storage.repositories import staff as staff_rows
from storage.repositories.broadcasts import Broadcast
from storage.unit import Unit
from tests.outreach import PLAIN, Desk

State = BroadcastState
PRODUCT = replace(PLAIN, purpose=Purpose.PRODUCT, material="WL-7", product_risk=ProductRisk.R3)
DEEDS = ["edit", "submit", "approve", "send", "pause", "resume", "kill"]
LEADS_TO = {
    "edit": (State.DRAFT, board.EDITABLE),
    "submit": (State.SUBMITTED, {State.DRAFT}),
    "approve": (State.APPROVED, {State.SUBMITTED}),
    "send": (State.SENDING, {State.APPROVED}),
    "pause": (State.PAUSED, {State.SENDING}),
    "resume": (State.SENDING, {State.PAUSED}),
    "kill": (State.KILLED, {State.DRAFT, State.SUBMITTED, State.APPROVED, State.SENDING, State.PAUSED}),
}


def deed(desk: Desk, name: str, one: Broadcast) -> Callable[[Unit], object]:
    """One deed on a broadcast, by somebody who may do it."""
    writer, compliance = desk.people[Role.SERVICE], desk.people[Role.COMPLIANCE]
    todo: dict[str, Callable[[Unit], object]] = {
        "edit": lambda unit: desk.broadcasts.edit(unit, writer, one.id, PLAIN),
        "approve": lambda unit: desk.broadcasts.approve(unit, compliance, one.id, one.content_hash),
        "kill": lambda unit: desk.broadcasts.kill(unit, compliance, one.id, "why"),
        "pause": lambda unit: desk.broadcasts.pause(unit, compliance, one.id),
        "resume": lambda unit: desk.broadcasts.resume(unit, compliance, one.id),
        "submit": lambda unit: desk.broadcasts.submit(unit, writer, one.id),
        "send": lambda unit: desk.broadcasts.send(unit, writer, one.id),
    }
    return todo[name]


async def test_deeds_lead_from_state_to_state_as_the_table_says(desk: Desk) -> None:
    drawn: list[list[str]] = []

    @given(st.lists(st.sampled_from(DEEDS), min_size=3, max_size=9))
    @settings(max_examples=25, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    def draw(names: list[str]) -> None:
        drawn.append(["submit", *names])

    draw()
    writer = desk.people[Role.SERVICE]
    for names in drawn:
        one = await desk.database.write(lambda unit: desk.broadcasts.create(unit, writer, PLAIN))
        for name in names:
            target, sources = LEADS_TO[name]
            if one.state in sources:
                await desk.database.write(deed(desk, name, one))
                assert one.state is target or target in TRANSITIONS[one.state]
            else:
                with pytest.raises(Conflict):
                    await desk.database.write(deed(desk, name, one))
            expected = target if one.state in sources else one.state
            one = await desk.now_is(one.id)
            assert one.state is expected


def test_every_state_can_be_reached_and_only_what_was_stopped_or_late_is_final() -> None:
    assert {state for state in State if before(state)} == set(State)
    assert {state for state, following in TRANSITIONS.items() if not following} == {
        State.KILLED,
        State.EXPIRED,
    }


async def test_the_author_cannot_approve(desk: Desk) -> None:
    one = await desk.submitted(author=Role.HEAD)
    with pytest.raises(NotPermitted) as refusal:
        await desk.database.write(
            lambda unit: desk.broadcasts.approve(unit, desk.people[Role.HEAD], one.id, one.content_hash)
        )
    assert refusal.value.key == "broadcast_own"


async def test_nobody_makes_another_persons_words_their_own(desk: Desk) -> None:
    one = await desk.submitted(author=Role.SERVICE)
    with pytest.raises(NotPermitted) as refusal:
        await desk.database.write(lambda unit: desk.broadcasts.edit(unit, desk.people[Role.HEAD], one.id, PLAIN))
    assert refusal.value.key == "broadcast_edit_own"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.COMPLIANCE, Role.VISITOR])
async def test_who_may_not_write_cannot_create(desk: Desk, role: Role) -> None:
    with pytest.raises(NotPermitted):
        await desk.database.write(lambda unit: desk.broadcasts.create(unit, desk.people[role], PLAIN))


async def test_approves_what_was_read_and_nothing_else(desk: Desk) -> None:
    one = await desk.submitted()
    with pytest.raises(Conflict) as conflict:
        await desk.database.write(
            lambda unit: desk.broadcasts.approve(unit, desk.people[Role.HEAD], one.id, "another hash")
        )
    assert conflict.value.key == "broadcast_changed"


async def test_nobody_slips_other_words_under_an_approval(desk: Desk) -> None:
    one, writer = await desk.submitted(), desk.people[Role.SERVICE]
    longer = replace(PLAIN, body={Locale.ZH_CN: PLAIN.body[Locale.ZH_CN] + "谢谢"})

    def slip(unit: Unit) -> Broadcast:
        desk.broadcasts.edit(unit, writer, one.id, longer)
        return desk.broadcasts.submit(unit, writer, one.id)

    def approve(unit: Unit) -> Broadcast:
        return desk.broadcasts.approve(unit, desk.people[Role.HEAD], one.id, one.content_hash)

    await asyncio.gather(desk.database.write(approve), desk.database.write(slip), return_exceptions=True)
    after = await desk.database.read(lambda unit: desk.broadcasts.one(unit, one.id))
    assert after.state is State.SUBMITTED or after.content_hash == one.content_hash


async def test_an_edit_cancels_the_approval(desk: Desk) -> None:
    one = await desk.approved()
    writer = desk.people[Role.SERVICE]
    longer = replace(PLAIN, body={Locale.ZH_CN: PLAIN.body[Locale.ZH_CN] + "谢谢"})
    edited = await desk.database.write(lambda unit: desk.broadcasts.edit(unit, writer, one.id, longer))
    assert (edited.state, edited.approver_id, edited.content_hash) == (State.DRAFT, None, "")


async def test_what_is_shown_below_the_words_is_approved_with_them_and_goes_to_everybody(desk: Desk) -> None:
    now = desk.office.clock.now()
    kept = {"state": MediaState.KEPT, "type": "image/png", "wanted_at": now, "next_at": now, "tries": 0}
    for media_id, kind in ((7, "image/png"), (8, "audio/amr")):
        row = insert(MediaRow).values(kept | {"id": media_id, "key": f"k{media_id}", "type": kind})
        await desk.database.write(lambda unit, row=row: unit.session.execute(row))  # type: ignore[misc]
    await desk.office.clients(2)
    for wrong in (8, 9):
        with pytest.raises(Refused) as refusal:
            await desk.submitted(replace(PLAIN, media_id=wrong))
        assert refusal.value.key == "broadcast_enclosed"
    one = await desk.approved(replace(PLAIN, media_id=7))
    assert one.content_hash != (await desk.submitted()).content_hash
    await desk.office.change(MediaRow, 7, state=MediaState.REMOVED)
    with pytest.raises(Conflict):
        await desk.database.write(lambda unit: desk.broadcasts.send(unit, desk.people[Role.SERVICE], one.id))
    await desk.office.change(MediaRow, 7, state=MediaState.KEPT)
    await desk.send(one.id)
    assert [row.media_id for row in await desk.office.rows()] == [7, 7]
    await desk.office.drain()
    last = {sent.text.splitlines()[-1] for sent in desk.office.ledger().sent}
    assert last == {"回复“退订”停止此类消息。"}


async def test_both_names_are_in_the_audit(desk: Desk) -> None:
    one = await desk.sent()
    columns = AuditRow.__table__.c
    deeds = await desk.database.read(
        lambda unit: unit.session.execute(
            select(columns.action, columns.staff_id).where(columns.object == f"broadcast:{one.id}").order_by(columns.id)
        ).all()
    )
    author, approver = desk.people[Role.SERVICE].id, desk.people[Role.COMPLIANCE].id
    by = {"broadcast.create": author, "broadcast.submit": author, "broadcast.approve": approver}
    assert [tuple(each) for each in deeds] == [*by.items(), ("broadcast.send", author)]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": " "}, "broadcast_name"),
        ({"purpose": Purpose.CARE}, "broadcast_purpose"),
        ({"body": {Locale.EN: "hello"}}, "broadcast_body_missing"),
        ({"body": {Locale.ZH_CN: "长" * 2001}}, "broadcast_body_long"),
        ({"body": {Locale.ZH_CN: "本产品稳赚不赔"}}, "broadcast_wording"),
        ({"body": {Locale.ZH_CN: "凡是承诺稳赚的都是骗局"}}, "broadcast_wording_release"),
        ({"body": {Locale.ZH_CN: "详见 http://branch.example/1"}}, "broadcast_link"),
        ({"condition": {"field": "height"}}, "condition_parts"),
        ({"purpose": Purpose.PRODUCT, "product_risk": ProductRisk.R2}, "broadcast_material"),
        ({"purpose": Purpose.PRODUCT, "material": "WL-1"}, "broadcast_risk"),
        ({"product_risk": ProductRisk.R2}, "broadcast_risk_elsewhere"),
    ],
)
async def test_refuses_what_may_not_be_said(desk: Desk, change: dict[str, Any], key: str) -> None:
    content = replace(PLAIN, **change)
    with pytest.raises(Refused) as refusal:
        await desk.database.write(lambda unit: desk.broadcasts.create(unit, desk.people[Role.SERVICE], content))
    assert refusal.value.key == key


async def test_the_refusal_names_the_word(desk: Desk) -> None:
    content = replace(PLAIN, body={Locale.ZH_CN: "本产品稳赚不赔"})
    with pytest.raises(Refused) as refusal:
        await desk.database.write(lambda unit: desk.broadcasts.create(unit, desk.people[Role.SERVICE], content))
    assert str(refusal.value.parameters["word"]) in content.body[Locale.ZH_CN]


async def test_refuses_a_latest_time_that_is_over_or_before_the_start(desk: Desk) -> None:
    now = desk.office.clock.now()
    for latest in (now, now + timedelta(hours=1)):
        content = replace(PLAIN, send_at=now + timedelta(hours=2), latest_at=latest)
        with pytest.raises(Refused) as refusal:
            await desk.database.write(
                lambda unit, wrong=content: desk.broadcasts.create(unit, desk.people[Role.SERVICE], wrong)  # type: ignore[misc]
            )
        assert refusal.value.key == "broadcast_times"


async def test_a_product_is_approved_by_compliance_only(desk: Desk) -> None:
    one = await desk.submitted(PRODUCT)
    with pytest.raises(NotPermitted) as refusal:
        await desk.database.write(
            lambda unit: desk.broadcasts.approve(unit, desk.people[Role.HEAD], one.id, one.content_hash)
        )
    assert refusal.value.key == "broadcast_product_compliance"


async def test_freezes_the_audience_one_row_a_recipient(desk: Desk) -> None:
    ids = await desk.office.clients(3)
    one = await desk.sent()
    await desk.office.clients(2)
    rows = await desk.office.rows()
    assert [row.key for row in rows] == [f"broadcast:{one.id}:{client_id}" for client_id in ids]
    assert one.audience == 3


async def test_each_reads_their_own_language_with_the_line_to_stop_it(desk: Desk) -> None:
    await desk.office.clients(1)
    await desk.office.clients(1, locale=Locale.EN)
    await desk.sent(replace(PLAIN, body={Locale.ZH_CN: "您好", Locale.EN: "Good day"}))
    await desk.office.drain()
    assert sorted(each.text for each in desk.office.ledger().sent) == [
        'Good day\nReply "stop" to end such messages.',
        "您好\n回复“退订”停止此类消息。",
    ]


async def test_a_product_reaches_the_suitable_only_and_carries_its_notice(desk: Desk) -> None:
    await desk.office.clients(2)
    await desk.office.clients(1, risk_level=RiskLevel.C2)
    one = await desk.sent(PRODUCT)
    await desk.office.drain()
    sent = desk.office.ledger().sent
    assert len(sent) == 2
    assert all("WL-7" in each.text and "市场有风险" in each.text and "TD" in each.text for each in sent)
    stand = await desk.database.read(lambda unit: desk.broadcasts.report(unit, desk.people[Role.SERVICE], one.id))
    counts = {(each.state, each.rule): each.number for each in stand.figures.counts}
    assert counts == {(DeliveryState.SENT, None): 2, (DeliveryState.SUPPRESSED, "suitability"): 1}


async def test_a_manager_writes_to_their_own_clients_only(desk: Desk) -> None:
    await desk.office.clients(2)
    (own,) = await desk.office.clients(1, manager_id=desk.people[Role.RM].id)
    one = await desk.sent(author=Role.RM)
    assert [row.client_id for row in await desk.office.rows()] == [own]
    assert one.audience == 1


async def test_the_head_of_a_team_writes_to_its_clients_and_a_changed_team_needs_approval_anew(desk: Desk) -> None:
    await desk.office.clients(2)
    (members,) = await desk.office.clients(1, manager_id=desk.people[Role.ADVISER].id)
    admin, head, now = desk.people[Role.ADMIN], desk.people[Role.RM], desk.office.clock.now()

    def gather(unit: Unit) -> None:
        teams.put(unit, admin, "一组", head.number, now)
        teams.join(unit, admin, desk.people[Role.ADVISER].number, "一组", now)

    await desk.database.write(gather)
    assert (await desk.sent(author=Role.RM)).audience == 1
    assert [row.client_id for row in await desk.office.rows()] == [members]
    one = await desk.approved(replace(PLAIN, name="第二次"), author=Role.RM)
    await desk.database.write(lambda unit: teams.dissolve(unit, admin, "一组", now))
    with pytest.raises(Conflict, match="broadcast_changed"):
        await desk.database.write(lambda unit: desk.broadcasts.send(unit, head, one.id))


@pytest.mark.parametrize(("author", "later"), [(Role.RM, Role.HEAD), (Role.HEAD, Role.RM)])
async def test_an_author_of_other_duties_reaches_nobody_whom_the_approver_did_not_see(
    desk: Desk, author: Role, later: Role
) -> None:
    await desk.office.clients(2)
    one = await desk.approved(author=author)
    person = desk.people[author]
    await desk.database.write(lambda unit: staff_rows.set_roles(unit, person.id, [later]))
    with pytest.raises(Conflict, match="broadcast_changed"):
        await desk.database.write(lambda unit: desk.broadcasts.send(unit, person, one.id))
    assert await desk.database.write(desk.broadcasts.start_due) == []
    assert (await desk.now_is(one.id)).state is State.DRAFT


async def test_what_was_changed_behind_the_approval_does_not_go_out(desk: Desk) -> None:
    one = await desk.approved()
    await desk.office.change(BroadcastRow, one.id, body={"zh_CN": "别的话"})
    with pytest.raises(Conflict) as conflict:
        await desk.database.write(lambda unit: desk.broadcasts.send(unit, desk.people[Role.SERVICE], one.id))
    assert conflict.value.key == "broadcast_changed"
    assert await desk.database.write(desk.broadcasts.start_due) == []
    assert (await desk.now_is(one.id)).state is State.DRAFT


async def test_goes_out_by_itself_at_its_time_and_never_after_its_latest(desk: Desk) -> None:
    now = desk.office.clock.now()
    timed = replace(PLAIN, send_at=now + timedelta(hours=1), latest_at=now + timedelta(hours=2))
    first, second = await desk.approved(timed), await desk.approved(timed)
    with pytest.raises(Refused, match="broadcast_scheduled"):
        await desk.database.write(lambda unit: desk.broadcasts.send(unit, desk.people[Role.SERVICE], first.id))
    assert await desk.database.write(desk.broadcasts.start_due) == []
    desk.office.clock.move(timedelta(hours=1))
    assert await desk.database.write(desk.broadcasts.start_due) == [first.id]
    desk.office.clock.move(timedelta(hours=1))
    assert await desk.database.write(desk.broadcasts.start_due) == []
    assert (await desk.now_is(second.id)).state is State.EXPIRED


async def test_is_not_sent_after_its_latest_time(desk: Desk) -> None:
    one = await desk.approved(replace(PLAIN, latest_at=desk.office.clock.now() + timedelta(hours=1)))
    desk.office.clock.move(timedelta(hours=2))
    with pytest.raises(Refused, match="broadcast_late"):
        await desk.database.write(lambda unit: desk.broadcasts.send(unit, desk.people[Role.SERVICE], one.id))


async def test_a_pause_holds_back_and_a_kill_gives_up(desk: Desk) -> None:
    await desk.office.clients(3)
    one = await desk.sent()
    compliance = desk.people[Role.COMPLIANCE]
    await desk.database.write(lambda unit: desk.broadcasts.pause(unit, compliance, one.id))
    await desk.office.drain()
    assert desk.office.ledger().sent == []
    assert await desk.database.write(lambda unit: desk.broadcasts.kill(unit, compliance, one.id)) == 3
    await desk.office.drain()
    assert {row.state for row in await desk.office.rows()} == {DeliveryState.CANCELLED}


async def test_the_rest_goes_out_after_a_resume_and_it_is_done(desk: Desk) -> None:
    await desk.office.clients(3)
    one = await desk.sent()
    await desk.database.write(deed(desk, "pause", one))
    await desk.database.write(deed(desk, "resume", one))
    await desk.watch()
    assert (await desk.now_is(one.id)).state is State.SENDING
    await desk.office.drain()
    await desk.watch()
    assert (await desk.now_is(one.id)).state is State.DONE
    assert len(desk.office.ledger().sent) == 3


async def test_only_the_author_compliance_and_head_can_kill(desk: Desk) -> None:
    one = await desk.submitted()
    with pytest.raises(NotPermitted):
        await desk.database.write(lambda unit: desk.broadcasts.kill(unit, desk.people[Role.ADMIN], one.id))


async def test_too_many_failures_pause_it_until_a_person_goes_on(desk: Desk) -> None:
    ids = await desk.office.clients(30)
    one = await desk.sent()
    rows = await desk.office.rows()
    for row, state in zip(rows, [DeliveryState.FAILED] * 4 + [DeliveryState.SENT] * 16, strict=False):
        await desk.office.change(DeliveryRow, row.id, state=state)
    await desk.watch()
    paused = await desk.now_is(one.id)
    assert (paused.state, paused.reason, paused.audience) == (State.PAUSED, board.TOO_MANY, len(ids))
    assert desk.office.signals[-1] == ("broadcast_failing", f"{one.id}")
    await desk.database.write(deed(desk, "resume", one))
    await desk.watch()
    assert (await desk.now_is(one.id)).state is State.SENDING


async def test_few_failures_or_a_small_sample_stop_nothing(desk: Desk) -> None:
    await desk.office.clients(30)
    one = await desk.sent()
    rows = await desk.office.rows()
    for row, state in zip(rows, [DeliveryState.FAILED] * 3 + [DeliveryState.SENT] * 16, strict=False):
        await desk.office.change(DeliveryRow, row.id, state=state)
        await desk.watch()
    await desk.office.change(DeliveryRow, rows[-1].id, state=DeliveryState.SENT)
    await desk.watch()
    assert (await desk.now_is(one.id)).state is State.SENDING


async def test_the_download_masks_names_and_starts_no_formula(desk: Desk) -> None:
    (client_id,) = await desk.office.clients(1)
    await desk.office.change(ClientRow, client_id, number="=1+1")
    one = await desk.sent()
    out = io.StringIO()
    await desk.database.read(lambda unit: report.download(unit, one.id, out))
    header, line = out.getvalue().splitlines()
    assert header == ",".join(report.COLUMNS)
    assert line == "'=1+1,王**,recording,,pending,,0,,"
