"""The chain of seals: what was cut, changed or moved is found, at its place."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Delete, Update, delete, text, update
from sqlalchemy.exc import DBAPIError

from services import audit
from services.audit import Deed, heads
from services.audit.chain import Break, Chain, Fault, Report, chained, follow
from services.audit.heads import Heads
from storage.models import AuditHeadRow, AuditRow
from storage.repositories import audit_chain as rows
from storage.repositories.audit_chain import START, Entry, Head
from storage.unit import Database, Unit

NOON = datetime(2026, 11, 23, 4, 0, 0, 250_001, tzinfo=UTC)
KEY = b"k" * 32


def deed(number: int) -> Deed:
    return Deed("ticket.close", f"ticket:{number}", NOON + timedelta(seconds=number), detail={"n": number, "b": True})


def write(number: int) -> Callable[[Unit], None]:
    def work(unit: Unit) -> None:
        for each in range(number):
            audit.record(unit, deed(each))

    return work


async def sealed(database: Database, number: int = 6) -> Chain:
    """A chain over some deeds."""
    chain = Chain(database)
    await database.write(write(number))
    assert await chain.seal() == number
    return chain


async def tampered(database: Database, *statements: Update | Delete) -> None:
    """What somebody does who owns the database and so gets past its triggers."""

    def work(unit: Unit) -> None:
        if database.dialect == "postgresql":
            unit.connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for trigger in ("audit_unchanged", "audit_kept"):
                unit.connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
        for statement in statements:
            assert unit.connection.execute(statement).rowcount == 1

    await database.write(work)


def removal(place: int) -> Delete:
    return delete(AuditRow).where(AuditRow.place == place)


async def broken(chain: Chain, *published: Head) -> Break | None:
    return (await chain.verify(published)).broken


async def test_a_chain_is_whole_and_what_waits_is_counted(database: Database) -> None:
    chain = await sealed(database)
    await database.write(write(2))
    report = await chain.verify()
    assert (report.head.place, report.unsealed, report.broken) == (6, 2, None)
    assert await chain.seal() == 2
    assert await chain.verify() == Report(await chain.head(), 0)
    assert await chain.seal() == 0


async def test_several_sealers_at_once_make_one_chain(database: Database) -> None:
    chain = Chain(database)
    await database.write(write(40))
    assert sum(await asyncio.gather(*[chain.seal() for _ in range(4)])) == 40
    assert (await chain.verify()).head == await chain.head()
    assert (await chain.head()).place == 40


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON},
        {"action": "ticket.open"},
        {"object": "ticket:9"},
        {"detail": {"n": 3}},
        {"reason": "so"},
        {"id": 99},
        {"seal": bytes(32)},
        {"seal": None},
    ],
)
async def test_a_changed_entry_is_named(database: Database, change: dict[str, object]) -> None:
    chain = await sealed(database)
    await tampered(database, update(AuditRow).where(AuditRow.place == 4).values(**change))
    assert await broken(chain) == Break(Fault.CHANGED, 4, 99 if "id" in change else 4)


async def test_a_removed_entry_is_missed_where_it_stood(database: Database) -> None:
    chain = await sealed(database)
    await tampered(database, removal(1), removal(3))
    assert await broken(chain) == Break(Fault.MISSING, 1)


async def test_entries_that_changed_places_are_found(database: Database) -> None:
    chain = await sealed(database)
    moves = ((2, 100), (5, 2), (100, 5))
    await tampered(database, *[update(AuditRow).where(AuditRow.place == old).values(place=new) for old, new in moves])
    assert await broken(chain) == Break(Fault.CHANGED, 2, 5)


async def test_a_cut_end_is_found_by_the_row_of_the_end(database: Database) -> None:
    chain = await sealed(database)
    await tampered(database, removal(6), removal(5))
    assert await broken(chain) == Break(Fault.CUT, 5)


async def test_an_end_cut_with_its_row_is_found_by_what_was_published(database: Database) -> None:
    chain = await sealed(database)
    published = await chain.head()
    shorter = (await database.read(lambda unit: rows.following(unit, 4, 1)))[0]
    await tampered(database, removal(6), update(AuditHeadRow).values(place=5, seal=shorter.seal))
    assert await broken(chain) is None
    assert await broken(chain, published) == Break(Fault.CUT, 6)
    await database.write(write(3))
    await chain.seal()
    found = await broken(chain, published)
    assert found is not None
    assert (found.fault, found.place) == (Fault.REPLACED, 6)


async def test_an_end_that_was_published_again_hides_no_earlier_one(database: Database) -> None:
    chain = await sealed(database)
    published = await chain.head()
    shorter = (await database.read(lambda unit: rows.following(unit, 4, 1)))[0]
    await tampered(database, removal(6), update(AuditHeadRow).values(place=5, seal=shorter.seal))
    await database.write(write(1))
    await chain.seal()
    again = await chain.head()
    assert (again.place, again.seal != published.seal) == (6, True)
    for heads_told in ((published, again), (again, published)):
        found = await broken(chain, *heads_told)
        assert found is not None
        assert (found.fault, found.place) == (Fault.REPLACED, 6)


@pytest.mark.parametrize("sealed_already", [True, False])
async def test_the_database_refuses_to_change_or_remove_an_entry(database: Database, sealed_already: bool) -> None:
    chain = await sealed(database, 2)
    if not sealed_already:
        await database.write(write(2))
    row = 1 if sealed_already else 3
    for statement in (
        update(AuditRow).where(AuditRow.id == row).values(action="other"),
        update(AuditRow).where(AuditRow.id == row).values(staff_id=None, reason="other"),
        delete(AuditRow).where(AuditRow.id == row),
    ):
        with pytest.raises(DBAPIError, match="only ever added to"):
            await database.write(lambda unit, one=statement: unit.connection.execute(one))  # type: ignore[misc]
    assert await broken(chain) is None


async def test_a_seal_is_never_taken_off(database: Database) -> None:
    chain = await sealed(database, 2)
    taken = update(AuditRow).values(seal=None, place=None)
    with pytest.raises(DBAPIError, match="only ever added to"):
        await database.write(lambda unit: unit.connection.execute(taken))
    assert await broken(chain) is None


async def test_ends_are_published_to_a_file_and_read_again(database: Database, tmp_path: Path) -> None:
    chain, file = await sealed(database, 1), tmp_path / "heads"
    first = await chain.head()
    await Heads(file).publish(first, NOON)
    await database.write(write(2))
    await chain.seal()
    await Heads(file).publish(await chain.head(), NOON)
    published = heads.read(file.read_text("utf-8"))
    assert published == [first, await chain.head()]
    assert await broken(chain, *published) is None


@pytest.mark.parametrize("line", ["7", "0 " + "00" * 32, "1 " + "00" * 31, "one " + "00" * 32, "a b c"])
def test_a_line_that_is_no_head_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of the kinds that a bad number or sign gives
        heads.read(line)


def ready(number: int) -> list[Entry]:
    """A chain in memory."""
    plain = [Entry(n + 1, NOON, None, "a", f"o:{n}", {"n": n}, None) for n in range(number)]
    return [
        replace(entry, place=head.place, seal=head.seal)
        for entry, (_, head) in zip(plain, chained(KEY, START, plain), strict=True)
    ]


def cut(entries: list[Entry], place: int, _: random.Random) -> list[Entry]:
    return [entry for entry in entries if entry.place != place]


def change(entries: list[Entry], place: int, chance: random.Random) -> list[Entry]:
    values: dict[str, object] = {
        "at": NOON + timedelta(microseconds=1),
        "staff_id": 1,
        "action": "b",
        "object": "o",
        "detail": {"n": -1},
        "reason": "",
        "seal": bytes(32),
    }
    name = chance.choice(sorted(values))
    return [replace(one, **{name: values[name]}) if one.place == place else one for one in entries]  # type: ignore[arg-type]


def swap(entries: list[Entry], place: int, chance: random.Random) -> list[Entry]:
    """The words of two entries change places, their seals stay."""
    other = chance.choice([one for one in range(1, len(entries) + 1) if one != place])
    pair = {place: entries[other - 1], other: entries[place - 1]}
    return [replace(pair.get(n, one), place=n, seal=one.seal) for n, one in enumerate(entries, 1)]


@given(st.data())
def test_whatever_is_done_to_a_chain_is_found_at_the_first_place(data: st.DataObject) -> None:
    entries = ready(data.draw(st.integers(2, 12)))
    place = data.draw(st.integers(1, len(entries)))
    harm = data.draw(st.sampled_from([cut, change, swap]))
    harmed = harm(entries, place, data.draw(st.randoms(use_true_random=False)))
    last, found = follow(KEY, START, harmed)
    first = next(n for n, (one, was) in enumerate(zip([*harmed, None], entries, strict=False), 1) if one != was)
    if harm is cut and place == len(entries):
        assert (last.place, found) == (place - 1, None)
    else:
        assert found is not None
        assert (found.place, last.place) == (first, first - 1)


@given(st.integers(0, 12))
def test_an_untouched_chain_is_whole(number: int) -> None:
    last, found = follow(KEY, START, ready(number))
    assert (last.place, found) == (number, None)
    assert follow(b"another key" * 3, START, ready(number))[1] is not None or number == 0


async def test_the_row_of_the_end_stands_beside_the_chain(database: Database) -> None:
    await sealed(database, 3)
    ends = await database.read(lambda unit: [row.place for row in unit.session.query(AuditHeadRow)])
    assert ends == [3]
