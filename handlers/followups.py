"""What leans on the last answer: what comes next, and that something else was meant."""

from collections.abc import Sequence
from dataclasses import replace

from bot.messages import Reply, Topic, say
from bot.routing import Outcome, Turn
from handlers import questions
from handlers.menu import question
from handlers.turns import COMPLAINT, PERSON
from services import Services, Unit
from services.knowledge import dialogue


async def related(turn: Turn, services: Services) -> Outcome:
    """The questions that clients ask after this one."""
    if turn.finding is None or turn.topic is None:
        return await questions.unknown(turn, services)
    names = tuple(scored.entry_id for scored in turn.finding.entries)
    listed = tuple(question(services, name, turn.locale) for name in names)
    topic = Topic(turn.topic.text, names, given=False, shown=(*turn.topic.shown, *names))
    return (Reply("question_related", options=(*listed, PERSON), topic=topic),)


async def move_on(turn: Turn, services: Services) -> Outcome:
    """Something else was meant: the next best, or a person where that was said before.

    A list may be turned down for longer than a message may lean on it.
    """
    topic = turn.topic or turn.conversation.topic
    names = dialogue.further(services.knowledge, topic) if topic and topic.entries else ()
    listed = tuple(question(services, name, turn.locale) for name in names)

    def act(unit: Unit) -> Sequence[Reply]:
        count = services.questions.miss(unit, turn.conversation, questions.turned_down(turn, topic))
        again = questions.go_on(unit, turn, services)
        if count > 1:
            return (say("question_unknown_again", options=(PERSON, COMPLAINT)), *again)
        if topic is None or not listed:
            return (say("candidates_none", options=(PERSON,)), *again)
        shown = replace(topic, entries=names, given=False, shown=(*topic.shown, *names), handed=False)
        return (Reply("question_further", options=(*listed, questions.NONE), topic=shown), *again)

    return act
