"""What handlers ask of a turn, and options that several of them offer."""

from collections.abc import Callable

from bot.messages import Option
from bot.routing import Filter, Turn
from bot.vocabulary import EventKind, IntakeState, MessageKind, Owner
from services import dialogs
from services.commands import Command, Commands
from services.intakes import Heard
from services.knowledge.outcome import Outcome

PERSON = Option("person", label_key="option_person")
MENU = Option("menu", label_key="option_menu")
COMPLAINT = Option("complaint", label_key="option_complaint")
PROGRESS = Option("progress", label_key="option_progress")
BIND = Option("bind", label_key="option_bind")
RETAKE = Option("risk", label_key="option_retake")
LESSONS = Option("lessons", label_key="option_education")

LONGEST_TEXT = 500
"""Signs of a text that are looked at to understand it; the whole of it is kept."""


def heard(turn: Turn) -> Heard:
    """The turn's words as services keep them."""
    return Heard(turn.inbox_id, turn.text, turn.now)


def picked(turn: Turn) -> str | None:
    """The value of the option or of the platform's menu entry that was picked."""
    if turn.event is not None and turn.event.kind is EventKind.CLICKED:
        return turn.event.value
    return turn.choice


def running(turn: Turn) -> bool:
    """Whether a complaint is being told."""
    return turn.intake is not None and turn.intake.state is IntakeState.RUNNING


def paused(turn: Turn) -> bool:
    """Whether a complaint is resting."""
    return turn.intake is not None and turn.intake.state is IntakeState.PAUSED


def assessing(turn: Turn) -> bool:
    """Whether the questionnaire is being answered."""
    kept = dialogs.recall(turn.conversation, dialogs.ASSESSMENT, turn.now)
    return turn.client is not None and kept is not None and not kept["resting"]


def assessment_rests(turn: Turn) -> bool:
    """Whether a questionnaire was put off and may be gone on with."""
    kept = dialogs.recall(turn.conversation, dialogs.ASSESSMENT, turn.now)
    return turn.client is not None and kept is not None and kept["resting"] is True


def studying(turn: Turn) -> bool:
    """Whether the quiz of a lesson is being answered."""
    return dialogs.recall(turn.conversation, dialogs.LESSON, turn.now) is not None


def waiting(turn: Turn) -> bool:
    """Whether the client waits for a person."""
    return turn.conversation.owner is Owner.WAITING


def wordless(turn: Turn) -> bool:
    """Whether there is nothing to read: media, stickers, recalled and blank messages."""
    return turn.event is None and (not turn.text.strip() or kind(turn) is MessageKind.RECALLED)


def kind(turn: Turn) -> MessageKind:
    """What was sent; events count as unsupported."""
    return MessageKind.UNSUPPORTED if turn.event is not None else MessageKind(turn.message.kind)


def found(*outcomes: Outcome) -> Filter:
    """Texts of which the knowledge base made one of these."""
    return lambda turn: turn.finding is not None and turn.finding.outcome in outcomes


def says(commands: Commands, *orders: Command) -> Filter:
    """Texts that are one of these orders."""
    return lambda turn: commands.of(turn.text) in orders


def both(one: Filter, other: Callable[[Turn], bool]) -> Filter:
    """Turns that pass two filters."""
    return lambda turn: one(turn) and other(turn)
