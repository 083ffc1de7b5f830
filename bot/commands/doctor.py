"""`quanfu doctor`: looks at the service and its platforms, and says what is wrong and what to do."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bot import settings
from bot.app import examined
from bot.clock import SystemClock
from bot.commands.tables import show_wrapped
from bot.commands.words import spoken
from bot.texts.words import Words
from bot.vocabulary.health import Verdict
from services.doctor import Seen, counted
from services.doctor.words import Said, catalogue, said

AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
Offline = Annotated[bool, typer.Option("--offline", help="ask no platform and no address of ours")]


def doctor(as_json: AsJson = False, offline: Offline = False) -> None:
    """Check everything. Exit code 0: no fault (warnings are none); 1: a fault; 2: wrong settings."""
    seen = asyncio.run(examined(settings.load(), SystemClock(), offline=offline))
    words = catalogue().of(spoken())
    lines = [said(words, one) for one in seen]
    if as_json:
        found = [_as_object(one, line) for one, line in zip(seen, lines, strict=True)]
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    else:
        _show(words, lines)
        sys.stdout.write("\n" + _sum(words, seen, offline=offline) + "\n")
    if counted(seen)[Verdict.FAULT]:
        raise typer.Exit(1)


def _show(words: Words, lines: Sequence[Said]) -> None:
    heads = [words(f"head.{name}") for name in ("verdict", "place", "check", "means")]
    rows = [[line.verdict, line.place, line.check, _told(line)] for line in lines]
    show_wrapped([heads, *rows])


def _told(line: Said) -> str:
    return f"{line.means}\n→ {line.advice}" if line.advice else line.means


def _sum(words: Words, seen: Sequence[Seen], *, offline: bool) -> str:
    numbers = counted(seen)
    kind = "faulty" if numbers[Verdict.FAULT] else "noted" if numbers[Verdict.WARN] else "well"
    told = words(f"sum.{kind}", **{verdict.value: numbers[verdict] for verdict in Verdict})
    return f"{told} {words('sum.offline')}" if offline else told


def _as_object(one: Seen, line: Said) -> dict[str, object]:
    """Names and values for programs, and the words for people."""
    observation = one.observation
    return {
        "place": one.place,
        "check": observation.topic,
        "about": observation.about,
        "verdict": observation.verdict.value,
        "remark": observation.remark.value,
        "values": dict(observation.values),
        "means": line.means,
        "advice": line.advice,
    }
