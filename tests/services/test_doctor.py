"""The rounds that a doctor makes: bounded, at once, unbreakable; and what is seen of the house."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.clock import MovableClock
from bot.texts.words import parameters
from bot.vocabulary import ChannelKind, DeliveryState, Locale, Purpose
from bot.vocabulary.health import Observation, Remark, Verdict
from services import calendars
from services.calendar import CalendarYear
from services.doctor import HOUSE, Seen, counted, examine, latest
from services.doctor.house import FULL, LOW, SWOLLEN, Files, Records
from services.doctor.words import catalogue, said
from storage.engine import open_engines
from storage.models import DeliveryRow, InboxRow
from storage.repositories import channel_state
from storage.repositories.channel_state import Entry
from storage.unit import Database, Unit
from storage.vault import Vault
from tests.console.stand import Stand, stand

WORDS = catalogue()


async def well() -> AsyncGenerator[Observation, None]:
    yield Observation(Remark.PAGE_OWN)


async def silent() -> AsyncGenerator[Observation, None]:
    yield Observation(Remark.PAGE_OWN)
    await asyncio.Event().wait()
    yield Observation(Remark.PAGE_OWN)


async def broken() -> AsyncGenerator[Observation, None]:
    yield Observation(Remark.PAGE_OWN)
    raise LookupError("of a client's words")


async def test_silence_and_a_broken_check_are_faults_and_take_nothing_with_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = await examine([("a", silent), ("b", broken), ("c", well)], patience=0.05)
    own = Remark.PAGE_OWN
    expected = [("a", own), ("a", Remark.ACCOUNT_SILENT), ("b", own), ("b", Remark.ACCOUNT_BROKE), ("c", own)]
    assert [(one.place, one.observation.remark) for one in seen] == expected
    assert counted(seen) == {Verdict.OK: 3, Verdict.FAULT: 2}
    assert "LookupError" in seen[3].observation.values["place"]
    assert "words" not in repr(seen[3]) + caplog.text


async def test_checks_are_made_at_once() -> None:
    both = asyncio.Barrier(2)

    async def meets() -> AsyncGenerator[Observation, None]:
        await both.wait()
        yield Observation(Remark.PAGE_OWN)

    assert len(await examine([("a", meets), ("b", meets)])) == 2


async def test_what_platforms_say_is_masked() -> None:
    async def tells() -> AsyncGenerator[Observation, None]:
        yield Observation(Remark.ACCESS_REFUSED, {"code": "1", "words": "access_token=abc of 13900000000"})

    [seen] = await examine([("a", tells)])
    assert seen.observation.values["words"] == "access_token=[masked] of [phone]"


def test_every_remark_has_words_and_what_is_not_well_has_advice() -> None:
    for remark in Remark:
        observation = Observation(remark)
        for locale in Locale:
            strings = WORDS.of(locale).strings
            assert {remark.value, f"topic.{observation.topic}"} <= strings.keys(), remark
            assert observation.verdict is Verdict.OK or f"{remark}_do" in strings, remark
            advice = strings.get(f"{remark}_do", "")
            assert parameters(advice) <= parameters(strings[remark.value]), remark


def test_every_word_belongs_to_a_remark_or_a_place() -> None:
    others = {"head", "verdict", "sum", "place", "topic", "about"}
    known = {name for remark in Remark for name in (remark.value, f"{remark}_do")}
    given = {name for name in WORDS.of(Locale.EN).strings if name.split(".")[0] not in others}
    assert given <= known
    places = {f"place.{kind}" for kind in [*ChannelKind, HOUSE]}
    assert places <= WORDS.of(Locale.EN).strings.keys()


@pytest.fixture
def branch(database_url: str, clock: MovableClock) -> Iterator[Stand]:
    """A small branch with clients."""
    with stand(database_url, clock) as standing:
        yield standing


async def remarks(branch: Stand) -> list[Remark]:
    """What is seen of the database; all of it can be said."""
    seen = await examine([(HOUSE, Records(branch.database, Files(Path.cwd()), branch.clock).check)])
    for one in seen:
        for locale in Locale:
            assert said(WORDS.of(locale), one).means
    return [one.observation.remark for one in seen]


async def test_a_branch_in_order(branch: Stand) -> None:
    await branch.database.write(lambda unit: calendars.load_packaged(unit, branch.clock.now()))
    expected = [
        Remark.DATABASE_READY,
        Remark.KEY_KEPT,
        Remark.INBOX_FLOWS,
        Remark.QUEUE_FLOWS,
        Remark.DOUBTS_NONE,
        Remark.CALENDAR_NEXT,
    ]
    assert await remarks(branch) == expected


def _deliver(unit: Unit, branch: Stand, minutes: int, state: DeliveryState = DeliveryState.PENDING) -> None:
    at = branch.clock.now() - timedelta(minutes=minutes)
    row = DeliveryRow(
        key=f"{state}{minutes}", purpose=Purpose.REPLY, priority=0, state=state, text_key="answer", created_at=at
    )
    row.not_before = at
    unit.session.add(row)


@pytest.mark.parametrize(
    ("minutes", "remark"), [(-60, Remark.QUEUE_FLOWS), (6, Remark.QUEUE_WAITS), (31, Remark.QUEUE_STUCK)]
)
async def test_what_waits_too_long_is_told(branch: Stand, minutes: int, remark: Remark) -> None:
    await branch.database.write(partial(_deliver, branch=branch, minutes=minutes))
    assert remark in await remarks(branch)


async def test_doubts_and_failed_arrivals_are_told(branch: Stand) -> None:
    await branch.chat("你好")
    await branch.database.write(partial(_deliver, branch=branch, minutes=1, state=DeliveryState.UNCERTAIN))
    await branch.database.write(lambda unit: unit.session.execute(update(InboxRow).values(state="failed")))
    assert {Remark.DOUBTS_WAIT, Remark.INBOX_FAILED} <= set(await remarks(branch))
    await branch.database.write(lambda unit: unit.session.execute(update(InboxRow).values(state="new")))
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(minutes=10))
    assert Remark.INBOX_WAITS in await remarks(branch)


async def test_a_missing_year_is_a_fault(branch: Stand) -> None:
    assert Remark.CALENDAR_MISSING in await remarks(branch)
    await branch.database.write(lambda unit: calendars.load_packaged(unit, branch.clock.now()))

    next_year = CalendarYear(2027, "", (), (), ())
    await branch.database.write(lambda unit: calendars.take(unit, next_year, "test", branch.clock.now()))
    assert Remark.CALENDAR_THERE in await remarks(branch)


async def test_another_key_is_told(branch: Stand, database_url: str) -> None:
    other = Database(open_engines(database_url), Vault((b"o" * 32,)))
    [seen] = [
        one.observation
        for one in await examine([(HOUSE, Records(other, Files(Path.cwd()), branch.clock).check)])
        if one.observation.topic == "key"
    ]
    other.close()
    assert seen.remark is Remark.KEY_UNFIT


async def test_files_open_to_others_are_told(tmp_path: Path) -> None:
    files = Files(tmp_path, *(tmp_path / name for name in ("quanfu.db", "quanfu.db.key", "quanfu.toml")))
    for path, mode in ((files.database, 0o600), (files.key, 0o640), (files.settings, 0o644)):
        assert path
        path.touch()
        path.chmod(mode)
    found = {one.observation.remark for one in await examine([(HOUSE, files.check)])}
    assert {Remark.KEY_OPEN, Remark.SETTINGS_OPEN} <= found
    assert Remark.DATABASE_UNWRITABLE not in found


async def test_files_of_their_owner_only_are_well(tmp_path: Path) -> None:
    files = Files(tmp_path, None, tmp_path / "quanfu.db.key", tmp_path / "quanfu.toml")
    (tmp_path / "quanfu.toml").touch(0o600)
    seen = await examine([(HOUSE, files.check)])
    assert seen[0].observation.remark is Remark.SETTINGS_CLOSED
    assert seen[1].observation.topic == "disk"


@pytest.mark.parametrize(
    ("free", "remark"), [(2 * LOW, Remark.DISK_AMPLE), (LOW - 1, Remark.DISK_LOW), (FULL - 1, Remark.DISK_FULL)]
)
async def test_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, remark: Remark) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(free, 0, free))
    [seen] = await examine([(HOUSE, Files(tmp_path).check)])
    assert seen.observation.remark is remark


async def test_a_write_ahead_log_that_grew_is_told(branch: Stand, tmp_path: Path) -> None:
    with (tmp_path / "quanfu.db-wal").open("wb") as log:
        log.truncate(SWOLLEN + 1)
    files = Files(tmp_path, tmp_path / "quanfu.db")
    seen = await examine([(HOUSE, Records(branch.database, files, branch.clock).check)])
    assert seen[0].observation.remark is Remark.DATABASE_SWOLLEN


async def test_the_last_look_at_each_account_is_kept(branch: Stand) -> None:
    values = {"ip": "203.0.113.7", "code": "40164"}
    seen = [
        Seen("wechat/main", Observation(Remark.ADDRESS_REFUSED, values, "x")),
        Seen(HOUSE, Observation(Remark.SERVER_NONE)),
    ]
    now, accounts = branch.clock.now(), [(ChannelKind.WECHAT, "main"), (ChannelKind.WECOM, "main")]
    await branch.database.write(lambda unit: latest.keep_all(unit, seen, now))
    wechat, wecom = await branch.database.read(lambda unit: [latest.last(unit, each, now) for each in accounts])
    assert wechat == latest.Look(now, (seen[0],))
    assert wecom is None


async def test_a_look_of_another_version_is_forgotten(branch: Stand) -> None:
    written = Entry("wechat/main", latest.KEY, '["2026-11-23T02:00:00+00:00", [["gone.remark", {}, ""]]]')
    await branch.database.write(lambda unit: channel_state.put(unit, written, branch.clock.now()))
    account = (ChannelKind.WECHAT, "main")
    assert await branch.database.read(lambda unit: latest.last(unit, account, branch.clock.now())) is None
