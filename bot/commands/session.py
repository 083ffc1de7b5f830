"""What commands of staff share: the database, the services, and a member of staff who has signed in."""

import asyncio
import os
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from getpass import GetPassWarning, getpass
from pathlib import Path

from bot import settings
from bot.app import Outreach, for_commands, house_rules, media, open_database
from bot.clock import Clock, SystemClock, branch_time
from bot.commands.words import name, word
from bot.errors import QuanfuError, Refused, SettingsWrong
from bot.settings import Settings
from bot.vocabulary.broadcasts import BroadcastState
from bot.vocabulary.knowledge import EditionState
from services import second_factor
from services.media.library import Library
from services.staff import SignIns, fits
from storage.repositories.staff import Staff
from storage.unit import Database

PASSWORD = "QUANFU_PASSWORD"  # noqa: S105 - the variable's name

CODE = "QUANFU_CODE"


@dataclass(frozen=True)
class Session:
    """One command's run."""

    settings: Settings
    database: Database
    clock: Clock

    @cached_property
    def outreach(self) -> Outreach:
        """What sends and plans; all texts are read for it, so only for commands that need it."""
        return for_commands(self.settings, self.database, self.clock)

    @cached_property
    def library(self) -> Library:
        """The branch's media."""
        return media.library(self.settings.media, self.database, self.clock)


def run(work: Callable[[Session], Awaitable[None]]) -> None:
    """Open the database, work, close it; a refusal is told in the reader's words and ends with 1."""
    asyncio.run(_run(work))


def run_as(number: str, work: Callable[[Session, Staff], Awaitable[None]]) -> None:
    """The same for a member of staff, who gives the password first."""

    async def signed_in(session: Session) -> None:
        await work(session, await sign_in(session, number))

    run(signed_in)


async def _run(work: Callable[[Session], Awaitable[None]]) -> None:
    current, clock = settings.load(), SystemClock()
    database = open_database(current)
    try:
        await work(Session(current, database, clock))
    except Refused as refusal:
        raise QuanfuError(said(refusal)) from None
    finally:
        database.close()


def said(refusal: Refused) -> str:
    """A refusal in the reader's words, times as the branch's clock shows them."""
    return word(refusal.key, **{key: _shown(value) for key, value in refusal.parameters.items()})


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return f"{branch_time(value):%Y-%m-%d %H:%M}"
    if isinstance(value, EditionState):
        return name("edition_state", value)
    return name("broadcast_state", value) if isinstance(value, BroadcastState) else value


async def sign_in(session: Session, number: str) -> Staff:
    """Ask for the password without echo, or take it from the environment; a wrong one counts as at the console."""
    password = os.environ.get(PASSWORD) or _asked(word("staff_password", number=number), PASSWORD)
    sign_ins = SignIns(session.clock, house_rules(session.settings.rules))
    attempt = await session.database.write(lambda unit: sign_ins.attempt(unit, number))
    right = await asyncio.to_thread(fits, attempt.hash, password)
    staff = await session.database.write(lambda unit: sign_ins.check(unit, attempt, fits=right))
    if await session.database.read(lambda unit: second_factor.enrolled(unit, staff.id)):
        await _second(session, sign_ins, staff)
    return staff


async def _second(session: Session, sign_ins: SignIns, staff: Staff) -> None:
    """Ask for the one-time code too, of whoever has set it up."""
    code = os.environ.get(CODE) or _asked(word("second_code", number=staff.number), CODE)
    left = await session.database.write(lambda unit: second_factor.attempt(unit, sign_ins, staff))
    now = session.clock.now()
    await session.database.write(lambda unit: second_factor.check(unit, staff, code, left, now))


def _asked(prompt: str, variable: str) -> str:
    """Typed without echo at a terminal; SettingsWrong names the variable that stands in where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass(prompt)
        except GetPassWarning:
            raise SettingsWrong([word("no_terminal", variable=variable)]) from None


def private(path: Path) -> Path:
    """A new empty file that only its owner reads."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise QuanfuError(word("codes_file_exists", file=path)) from None
    return path
