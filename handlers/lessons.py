"""Investor education in a chat: courses to choose from, lessons to read, and the quiz of each as a dialogue.

What lessons say is released word by word, as answers are, and there is no consent to ask for: the client asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.messages import Option, Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import RiskLevel
from handlers.turns import BIND, LESSONS, MENU, running
from services import Services, Unit, dialogs
from services.commands import Command
from services.lessons import progress
from services.lessons.library import Lesson
from services.lessons.progress import Completion

KEPT = timedelta(hours=2)
"""How long a quiz waits for the next answer; after that the lesson is begun anew."""

EVERYBODY = len(RiskLevel) - 1
"""Levels of a lesson that suits all: the lowest class is part of C1."""

BETWEEN = " / "
STOP = frozenset({Command.CANCEL, Command.LATER})


@dataclass(frozen=True, slots=True)
class Quiz:
    """How far a quiz is: the options chosen so far."""

    lesson: Lesson
    answers: tuple[str, ...] = ()


async def show(turn: Turn, services: Services) -> Outcome:
    """The courses, those on the client's own subjects first, and how much of them is done."""
    client = turn.client

    def act(unit: Unit) -> Sequence[Reply]:
        listed = progress.courses_for(unit, services.lessons, client.id if client else None)
        options = tuple(Option(f"course:{course.id}", label=course.title) for course in listed)
        if client is None:
            return (say("lesson_menu_visitor", options=options),)
        done = progress.completed(unit, client.id)
        known = [lesson for lesson in services.lessons.lessons if lesson.id in done]
        return (say("lesson_menu", done=len(known), total=len(services.lessons.lessons), options=options),)

    return act


async def open_course(turn: Turn, services: Services, name: str) -> Outcome:
    """The lessons of a course; those that are done say so."""
    course = services.lessons.course(name)
    if course is None:
        return _gone()

    def act(unit: Unit) -> Sequence[Reply]:
        done = progress.completed(unit, turn.client.id if turn.client else None)
        mark = services.label("lesson_done", turn.locale)
        options = tuple(
            Option(f"lesson:{lesson.id}", label=f"{mark if lesson.id in done else ''}{lesson.title}")
            for lesson in services.lessons.of(course)
        )
        said = {"course": course.title, "summary": course.summary}
        return (Reply("lesson_course", said, options=options, quoted=frozenset(said)),)

    return act


async def give(turn: Turn, services: Services, name: str) -> Outcome:
    """A lesson to read, and the first question of its quiz; a complaint being told rests meanwhile."""
    lesson = services.lessons.lesson(name)
    if lesson is None:
        return _gone()

    def act(unit: Unit) -> Sequence[Reply]:
        read = (_delivered(lesson), *_asked(unit, turn, services, Quiz(lesson)))
        if not running(turn):
            return read
        services.intakes.pause(unit, turn.conversation, turn.now)
        return (say("complaint_paused"), *read)

    return act


async def choose(turn: Turn, services: Services, rest: str) -> Outcome:
    """An answer, `<lesson>:<place>:<option>`, or the end of the quiz, `<lesson>:cancel`."""
    quiz = _open(turn, services)
    name, _, what = rest.partition(":")
    if quiz is None or quiz.lesson.id != name:
        return _gone()
    if what == "cancel":
        return lambda unit: _stopped(unit, turn)
    place, _, key = what.partition(":")
    if place != str(len(quiz.answers)) or key not in quiz.lesson.quiz[len(quiz.answers)].options:
        return lambda unit: _asked(unit, turn, services, quiz)
    return lambda unit: _answered(unit, turn, services, Quiz(quiz.lesson, (*quiz.answers, key)))


async def step(turn: Turn, services: Services) -> Outcome:
    """Words while a quiz is answered: an order to stop, or no answer at all."""
    if services.commands.of(turn.text) in STOP:
        return lambda unit: _stopped(unit, turn)
    return lambda unit: (say("lesson_choose"), *asked_again(unit, turn, services))


def asked_again(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    """The question once more, with fresh options; nothing where no quiz is being answered."""
    quiz = _open(turn, services)
    if quiz is not None:
        return _asked(unit, turn, services, quiz)
    dialogs.forget(unit, turn.conversation.id, dialogs.LESSON)
    return ()


def _open(turn: Turn, services: Services) -> Quiz | None:
    """The quiz being answered; one of lessons that have changed since is over."""
    kept = dialogs.recall(turn.conversation, dialogs.LESSON, turn.now)
    if kept is None or kept["version"] != services.lessons.version:
        return None
    lesson = services.lessons.lesson(kept["lesson"])
    return Quiz(lesson, tuple(kept["answers"])) if lesson else None


def _asked(unit: Unit, turn: Turn, services: Services, quiz: Quiz) -> Sequence[Reply]:
    """The next question; the quiz waits for its answer."""
    lesson, place = quiz.lesson, len(quiz.answers)
    state = {"lesson": lesson.id, "version": services.lessons.version, "answers": list(quiz.answers)}
    dialogs.remember(unit, turn.conversation.id, dialogs.LESSON, turn.now + KEPT, **state)
    question = lesson.quiz[place]
    head = f"quiz:{lesson.id}"
    answers = [Option(f"{head}:{place}:{key}", label=label) for key, label in question.options.items()]
    cancel = Option(f"{head}:cancel", label_key="option_cancel")
    said = {"current": place + 1, "total": len(lesson.quiz), "question": question.question}
    return (Reply("lesson_quiz", said, options=(*answers, cancel), quoted=frozenset({"question"})),)


def _delivered(lesson: Lesson) -> Reply:
    """The lesson as it was released, with the notice of risk where it asks for one."""
    said = {
        "order": lesson.order,
        "title": lesson.title,
        "minutes": lesson.minutes,
        "body": lesson.body,
        "points": "\n".join(f"- {point}" for point in lesson.key_points),
        "audience": BETWEEN.join(lesson.audience) if len(lesson.audience) < EVERYBODY else "",
        "as_of": lesson.as_of.isoformat() if lesson.date_check else "",
    }
    notice = "risk_education" if lesson.risk_notice else None
    return Reply("lesson_delivered", said, notice=notice, quoted=frozenset({"title", "body", "points"}))


def _answered(unit: Unit, turn: Turn, services: Services, quiz: Quiz) -> Sequence[Reply]:
    """Whether the last answer was right and why, then the next question or how it went."""
    question, key = quiz.lesson.quiz[len(quiz.answers) - 1], quiz.answers[-1]
    said = {"explanation": question.explanation}
    if key != question.answer:
        said["answer"] = question.options[question.answer]
    verdict = Reply(f"lesson_quiz_{'right' if key == question.answer else 'wrong'}", said, quoted=frozenset(said))
    if len(quiz.answers) < len(quiz.lesson.quiz):
        return (verdict, *_asked(unit, turn, services, quiz))
    dialogs.forget(unit, turn.conversation.id, dialogs.LESSON)
    return (verdict, _completed(unit, turn, services, quiz))


def _completed(unit: Unit, turn: Turn, services: Services, quiz: Quiz) -> Reply:
    """Keep that a linked client has done it; either way offer what comes next."""
    library, lesson, client = services.lessons, quiz.lesson, turn.client
    right, total, done = lesson.right(quiz.answers), len(lesson.quiz), None
    if client is not None:
        progress.complete(unit, Completion(client.id, lesson.id, library.version, right, total, turn.now))
        done = progress.completed(unit, client.id)
    following, course = progress.next_lesson(library, lesson, done), library.course_of(lesson)
    account = () if client else (BIND,)
    if following is not None:
        further = Option(f"lesson:{following.id}", label_key="option_next_lesson")
        back = Option(f"course:{course.id}", label_key="option_same_course")
        said: dict[str, object] = {"right": right, "total": total, "title": following.title}
        return Reply("lesson_next", said, options=(further, back, *account), quoted=frozenset({"title"}))
    if client is None:
        return say("lesson_last", right=right, total=total, options=(LESSONS, BIND, MENU))
    said = {"right": right, "total": total, "course": course.title}
    return Reply("lesson_course_finished", said, options=(LESSONS, MENU))


def _stopped(unit: Unit, turn: Turn) -> Sequence[Reply]:
    dialogs.forget(unit, turn.conversation.id, dialogs.LESSON)
    return (say("lesson_stopped", options=(LESSONS, MENU)),)


def _gone() -> Sequence[Reply]:
    return (say("option_stale", options=(LESSONS, MENU)),)
