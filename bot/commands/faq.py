"""`quanfu faq`: measures the knowledge base, keeps it right, and prepares the embedder."""

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.commands import answering, faq_files, faq_publishing
from bot.commands.faq_publishing import asked
from bot.commands.sensing import Semantic, embed_published, learned
from bot.vocabulary import Locale
from services.knowledge import dialogue
from services.knowledge.evaluate import Case, Question, figures

app = typer.Typer(no_args_is_help=True)

QuestionFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json")]


@app.callback()
def faq() -> None:
    """The knowledge base."""


@app.command("evaluate")
def evaluate_file(file: QuestionFile, as_json: AsJson = False, semantic: Semantic = None) -> None:
    """Ask every question of FILE (question, tab, expected id) and show the shares that came out right."""
    found = asdict(figures(asyncio.run(_asked(asked(file), semantic))))
    shown = json.dumps(found) if as_json else "\n".join(f"{name:22}{value}" for name, value in found.items())
    sys.stdout.write(shown + "\n")


app.command("import")(faq_files.import_file)
app.command("export")(faq_files.export_file)
app.command("review")(faq_publishing.review)
app.command("publish")(faq_publishing.publish)
app.command("regress")(faq_publishing.regress)
app.command("calibrate")(faq_publishing.calibrate_file)


@app.command("embed")
def embed() -> None:
    """Make the vectors of what is published and keep them: the next start of the server finds them ready."""
    asyncio.run(embed_published())


async def _asked(questions: Iterable[Question], semantic: bool | None) -> list[Case]:
    knowledge, cases = await answering.published(settings.load()), []
    async with learned(knowledge, semantic) as sense:
        for question in questions:
            knows = await sense.sensed(knowledge, question.text) if sense else knowledge
            cases.append((question, dialogue.find(knows, question.text, Locale.ZH_CN)))
    return cases
