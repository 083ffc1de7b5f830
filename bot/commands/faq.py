"""`quanfu faq`: measures the packaged knowledge base, without a database."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.vocabulary import Locale
from services.knowledge import dialogue
from services.knowledge.evaluate import evaluate, read_questions
from services.knowledge.knowledge import Knowledge

app = typer.Typer(no_args_is_help=True)

QuestionFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json")]


@app.callback()
def faq() -> None:
    """The knowledge base."""


@app.command("evaluate")
def evaluate_file(file: QuestionFile, as_json: AsJson = False) -> None:
    """Ask every question of FILE (question, tab, expected id) and show the shares that came out right."""
    try:
        questions = read_questions(file)
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from fault
    knowledge = Knowledge.from_seeds()
    found = asdict(evaluate(questions, lambda text: dialogue.find(knowledge, text, Locale.ZH_CN)))
    shown = json.dumps(found) if as_json else "\n".join(f"{name:22}{value}" for name, value in found.items())
    sys.stdout.write(shown + "\n")
