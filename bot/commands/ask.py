"""`quanfu ask`: what the knowledge base says to a question; without a database, the packaged one."""

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.commands import answering
from bot.commands.sensing import Semantic, learned
from bot.vocabulary import Locale
from services.knowledge import dialogue
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Finding, Outcome

Question = Annotated[str | None, typer.Argument()]
QuestionFile = Annotated[Path | None, typer.Option("--file", exists=True, dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json")]


def ask(
    question: Question = None, file: QuestionFile = None, as_json: AsJson = False, semantic: Semantic = None
) -> None:
    """Answer one question, or each line of a file; one line out for each line in."""
    if (question is None) == (file is None):
        raise typer.BadParameter("give a question or --file, not both")
    asyncio.run(_answer(_lines(file) if file else [question or ""], as_json, semantic))


async def _answer(texts: Iterable[str], as_json: bool, semantic: bool | None) -> None:
    knowledge = await answering.published(settings.load())
    async with learned(knowledge, semantic) as sense:
        for text in texts:
            knows = await sense.sensed(knowledge, text) if sense else knowledge
            finding = dialogue.find(knows, text, Locale.ZH_CN)
            _write(_as_json(text, finding, knowledge) if as_json else _as_text(finding, knowledge))


def answer_text(finding: Finding, knowledge: Knowledge) -> str:
    """The answer or answers, or the questions of candidates below one another; empty where a reply text is due."""
    entries = [knowledge.entry(scored.entry_id) for scored in finding.entries]
    if finding.outcome is Outcome.ANSWERED:
        return "\n".join(entry.answer for entry in (entries if finding.several else entries[:1]))
    return "\n".join(entry.question for entry in entries)


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
        for line in lines:
            yield line.rstrip("\r\n")


def _as_json(question: str, finding: Finding, knowledge: Knowledge) -> str:
    return json.dumps(
        {
            "question": question,
            "outcome": finding.outcome.value,
            "entries": [{"id": scored.entry_id, "score": scored.score} for scored in finding.entries],
            "reason": finding.reason,
            "text": answer_text(finding, knowledge),
        },
        ensure_ascii=False,
    )


def _as_text(finding: Finding, knowledge: Knowledge) -> str:
    label = f"{finding.outcome.value}:{finding.reason}" if finding.reason else finding.outcome.value
    text = answer_text(finding, knowledge).replace("\n", " | ")
    return f"[{label}] {text}".rstrip()


def _write(line: str) -> None:
    """UTF-8 whatever the terminal's locale says; a lone surrogate of the input must not stop the row of answers."""
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
