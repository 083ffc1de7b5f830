"""`quanfu faq`: measures the knowledge base, and keeps it right."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.commands import answering, faq_files, faq_publishing
from bot.commands.faq_publishing import asked
from bot.vocabulary import Locale
from services.knowledge import dialogue
from services.knowledge.evaluate import evaluate

app = typer.Typer(no_args_is_help=True)

QuestionFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json")]


@app.callback()
def faq() -> None:
    """The knowledge base."""


@app.command("evaluate")
def evaluate_file(file: QuestionFile, as_json: AsJson = False) -> None:
    """Ask every question of FILE (question, tab, expected id) and show the shares that came out right."""
    knowledge = asyncio.run(answering.published(settings.load()))
    found = asdict(evaluate(asked(file), lambda text: dialogue.find(knowledge, text, Locale.ZH_CN)))
    shown = json.dumps(found) if as_json else "\n".join(f"{name:22}{value}" for name, value in found.items())
    sys.stdout.write(shown + "\n")


app.command("import")(faq_files.import_file)
app.command("export")(faq_files.export_file)
app.command("review")(faq_publishing.review)
app.command("publish")(faq_publishing.publish)
app.command("regress")(faq_publishing.regress)
app.command("calibrate")(faq_publishing.calibrate_file)
