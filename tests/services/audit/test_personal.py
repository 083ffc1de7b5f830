"""What the audit trail tells of a client stands under that client's key, and goes with it."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.clock import MovableClock
from bot.errors import KeyMissing
from services import audit
from services.audit import Deed
from services.audit.chain import Break, Chain, Fault
from services.audit.trail import Days, Form, exported
from storage.models import AuditRow, ClientKeyRow
from storage.repositories import client_keys
from storage.unit import Database, Unit
from storage.vault import fresh_key, open_under, seal_under
from tests.audited import deeds
from tests.handlers.rig import Branch
from tests.services.audit.test_chain import tampered

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
WORDS = "补办银行卡"


def deed(client_id: int) -> Deed:
    return Deed("client.quiet", f"client:{client_id}", NOON, None, {"n": 1}, WORDS, {"hours": "22:00-08:00"})


async def told(database: Database, clock: MovableClock) -> tuple[int, int]:
    """Two clients of whom something is told."""
    branch = Branch(database, clock)
    both = (await branch.client(), await branch.client())
    for each in both:
        await database.write(lambda unit, one=each: audit.record(unit, deed(one)))  # type: ignore[misc]
    return both


def stored(unit: Unit) -> str:
    """All that the rows hold, in clear where it stands so."""
    rows = unit.session.query(AuditRow).order_by(AuditRow.id)
    return json.dumps([[row.detail, row.reason, (row.personal or b"").hex()] for row in rows], ensure_ascii=False)


async def test_nothing_personal_stands_in_clear_and_readers_have_all(database: Database, clock: MovableClock) -> None:
    first, second = await told(database, clock)
    held = await database.read(stored)
    assert (WORDS in held, "22:00" in held) == (False, False)
    kept = await deeds(database, "client.quiet")
    assert [(line.detail, line.reason, line.erased) for line in kept] == [
        ({"n": 1, "hours": "22:00-08:00"}, WORDS, False)
    ] * 2
    keys = await database.read(lambda unit: client_keys.held(unit, (first, second)))
    assert len({*keys.values()}) == 2


async def test_an_erased_client_s_words_are_gone_and_the_chain_is_whole(
    database: Database, clock: MovableClock
) -> None:
    first, second = await told(database, clock)
    chain = Chain(database)
    await chain.seal()
    published = await chain.head()
    await database.write(lambda unit: client_keys.destroy(unit, first, NOON))
    await database.write(lambda unit: audit.record(unit, deed(first)))
    await chain.seal()
    report = await chain.verify([published])
    assert (report.broken, report.unsealed, report.head.place) == (None, 0, 3)
    kept = await deeds(database, "client.quiet")
    assert [(line.detail, line.reason, line.erased) for line in kept] == [
        ({"n": 1}, None, True),
        ({"n": 1, "hours": "22:00-08:00"}, WORDS, False),
        ({"n": 1}, None, True),
    ]
    row = await database.read(lambda unit: unit.session.get_one(ClientKeyRow, first))
    assert (row.wrapped, row.destroyed_at) == (None, NOON)
    day = Days(NOON.date(), NOON.date())
    lines = [json.loads(line) async for piece in exported(database, day, Form.JSONL) for line in piece.splitlines()]
    assert [line["erased"] for line in lines if line["action"] == "client.quiet"] == [True, False, True]
    assert second != first


async def test_changed_ciphertext_and_another_s_name_are_found(database: Database, clock: MovableClock) -> None:
    first, second = await told(database, clock)
    chain = Chain(database)
    await chain.seal()
    await tampered(database, update(AuditRow).where(AuditRow.id == 2).values(client_id=first))
    assert (await chain.verify()).broken == Break(Fault.CHANGED, 2, 2)
    changed = update(AuditRow).where(AuditRow.id == 2).values(client_id=second, personal=b"x" * 40)
    await tampered(database, changed)
    assert (await chain.verify()).broken == Break(Fault.CHANGED, 2, 2)


def test_a_value_opens_in_its_place_under_its_key_only() -> None:
    key = fresh_key()
    sealed = seal_under(key, "audit.personal:1", WORDS)
    assert open_under(key, "audit.personal:1", sealed) == WORDS
    for other, place in ((key, "audit.personal:2"), (fresh_key(), "audit.personal:1")):
        with pytest.raises(KeyMissing):
            open_under(other, place, sealed)


async def test_what_tells_of_nobody_holds_nothing_personal(database: Database) -> None:
    nobody = Deed("ticket.close", "ticket:1", NOON, personal={"name": "x"})
    with pytest.raises(ValueError, match="tells of nobody"):
        await database.write(lambda unit: audit.record(unit, nobody))
