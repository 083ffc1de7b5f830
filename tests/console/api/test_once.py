"""A request with a one-time key is carried out once, whatever comes between."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from bot.clock import MovableClock
from scheduler import housekeeping
from services.integrations.once import KEPT
from storage.models import ApiAnswerRow, BindCodeRow, ConsentRow
from tests.console.api.conftest import CLIENT, Branch, Counter

NOW = MovableClock().now()


async def test_a_repeat_gets_the_same_code_and_another_request_a_conflict(branch: Branch, counter: Counter) -> None:
    await counter("PUT", "/clients/A1", CLIENT)
    first = await counter("POST", "/clients/A1/bind-codes", {"consents": ["care"]}, Idempotency_Key="k")
    assert (first.status_code, first.json()["expires_at"]) == (201, "2026-11-23T02:30:00Z")
    branch.clock.move(KEPT - timedelta(seconds=1))
    again = await counter("POST", "/clients/A1/bind-codes", {"consents": ["care"]}, Idempotency_Key="k")
    assert (again.status_code, again.content) == (201, first.content)
    for path, body in (("/clients/A1/bind-codes", {"consents": []}), ("/clients/A1/consents", {"consents": ["care"]})):
        other = await counter("POST", path, body, Idempotency_Key="k")
        assert other.status_code == (409 if path.endswith("codes") else 422)
    counted = select(func.count()).select_from(BindCodeRow)
    assert await branch.database.read(lambda unit: unit.session.scalar(counted)) == 1
    sealed = await branch.database.read(lambda unit: unit.session.scalars(select(ApiAnswerRow.body_sealed)).one())
    assert first.json()["code"].encode() not in sealed
    branch.clock.move(timedelta(seconds=1))
    later = await counter("POST", "/clients/A1/bind-codes", {"consents": ["care"]}, Idempotency_Key="k")
    assert later.json()["code"] != first.json()["code"]
    branch.clock.move(KEPT + timedelta(seconds=1))
    await housekeeping.job(branch.database, branch.clock).run(branch.clock.now())
    assert await branch.database.read(lambda unit: unit.session.scalars(select(ApiAnswerRow.key)).all()) == []


async def test_the_same_request_many_times_at_once_is_done_once(branch: Branch, counter: Counter) -> None:
    await counter("PUT", "/clients/A1", CLIENT)
    said = {"purpose": "care", "granted": True}
    answers = await asyncio.gather(
        *(counter("POST", "/clients/A1/consents", said, Idempotency_Key="k") for _ in range(5)),
        *(counter("PUT", f"/clients/B{number % 2}", {"name": "王岚"}) for number in range(4)),
    )
    assert {answer.content for answer in answers[:5]} == {b'{"purposes":["care"],"opted_out":false}'}
    assert sorted(answer.json()["outcome"] for answer in answers[5:]) == ["new", "new", "unchanged", "unchanged"]
    counted = select(func.count()).select_from(ConsentRow)
    assert await branch.database.read(lambda unit: unit.session.scalar(counted)) == 1
