"""Questions: answers, candidates, refusals, and what nobody knows yet."""

from collections.abc import Sequence
from dataclasses import replace

from bot.messages import Option, Reply, Topic, say
from bot.routing import Outcome, Turn
from bot.vocabulary import AnswerKind, Locale
from handlers import assessments, complaints, lessons
from handlers.menu import question
from handlers.turns import COMPLAINT, LESSONS, LONGEST_TEXT, MENU, PERSON, assessing, heard, running, waiting
from services import Services, Unit, branch
from services.branch import Fact
from services.knowledge.outcome import Outcome as Found
from services.knowledge.outcome import Refusal
from services.language.writer import Source
from services.questions import Miss, Vote

NONE = Option("none", label_key="option_none_of_these")
ADVICE = frozenset({Refusal.STOCK_ADVICE, Refusal.EVASION})
"""Refusals that lead to investor education."""

LONGEST_ASKED = 80
"""Signs of a question that are kept so that the next message may lean on it."""

SHOWN = frozenset({Found.ANSWERED, Found.CANDIDATES, Found.CLARIFY})
"""Outcomes with entries that fit a question by itself."""

CALLED = frozenset({Refusal.SECRET_REQUEST})
"""Refusals whose words name the branch's telephone."""


async def answer(turn: Turn, services: Services) -> Outcome:
    """The approved answer to a question that is surely understood, or those to several questions."""
    replies = await _phrased(turn, services, _answers(turn, services))
    if services.commands.asks(turn.text) and not services.questions.missing(turn.conversation):
        return replies
    return lambda unit: _answered(unit, turn, services, replies)


async def chosen(turn: Turn, services: Services, entry_id: str) -> Outcome:
    """The answer to a question that was picked from a list."""
    if entry_id not in services.knowledge.entries:
        return (say("option_stale", options=(MENU,)),)
    before = turn.topic if turn.topic and entry_id in turn.topic.shown else None
    asked = before.text if before else services.knowledge.entry(entry_id).question
    topic = Topic(asked, (entry_id,), given=True, shown=before.shown if before else (entry_id,))
    reply = replace(answer_of(turn, services, entry_id), kind=AnswerKind.PICKED, topic=topic)
    return lambda unit: _picked(unit, turn, services, reply)


async def offer(turn: Turn, services: Services) -> Outcome:
    """Up to three questions that it could be."""
    if turn.finding is None:
        return await unknown(turn, services)
    listed = tuple(question(services, each.entry_id, turn.locale) for each in turn.finding.entries)
    kind = AnswerKind.CLARIFY if turn.finding.outcome is Found.CLARIFY else AnswerKind.CANDIDATES
    names = tuple(each.entry_id for each in turn.finding.entries)
    topic = Topic(_asked(turn), names, given=False, shown=names)
    reply = _counted(Reply(f"question_{kind}", options=(*listed, NONE), topic=topic), turn, kind)
    return lambda unit: _supplemented(unit, turn, services) or (reply,)


async def refuse(turn: Turn, services: Services) -> Outcome:
    """What is never answered, in fixed words, with a way to somebody who may."""
    reason = Refusal(turn.finding.reason) if turn.finding and turn.finding.reason else Refusal.OUT_OF_SCOPE
    options = (LESSONS, PERSON) if reason in ADVICE else (PERSON,)
    topic = None if reason is Refusal.OUT_OF_SCOPE else Topic(_asked(turn), (), given=False)

    def act(unit: Unit) -> Sequence[Reply]:
        phone = {"phone": branch.present(unit).say(Fact.PHONE, turn.locale)} if reason in CALLED else {}
        return (Reply(f"refusal_{reason}", phone, options=options, kind=AnswerKind.REFUSED, topic=topic),)

    return act


async def unknown(turn: Turn, services: Services) -> Outcome:
    """Nobody knows yet: keep it for the curators and lead to a person."""
    if waiting(turn):
        return lambda unit: _left(unit, turn, services)
    if again := await _looked_again(turn, services):
        return await offer(again, services)
    return lambda unit: _supplemented(unit, turn, services) or _missed(unit, turn, services)


async def rate(turn: Turn, services: Services, verdict: str, entry_id: str) -> Outcome:
    """Whether an answer helped; the question that one did not help with is looked at by the curators."""
    if entry_id not in services.knowledge.entries:
        return (say("option_stale", options=(MENU,)),)
    helpful = verdict == "useful"

    def act(unit: Unit) -> Sequence[Reply]:
        channel = turn.conversation.addressee.channel
        services.questions.vote(unit, Vote(turn.conversation.id, entry_id, channel, helpful, turn.now))
        if helpful:
            return (Reply("question_thanks_feedback"),)
        asked = services.questions.asked(unit, turn.conversation, entry_id)
        miss = replace(_miss(turn, "useless", asked), nearest=entry_id)
        if services.questions.miss(unit, turn.conversation, miss) > 1:
            return (say("question_unknown_again", options=(PERSON, COMPLAINT)),)
        return (say("question_thanks_feedback", options=(PERSON,)),)

    return act


async def aside(turn: Turn, services: Services) -> Outcome:
    """A question while something else is asked: answer it, then go on where we were."""
    reply = answer_of(turn, services, turn.finding.entries[0].entry_id if turn.finding else "")
    return lambda unit: (replace(reply, options=()), *go_on(unit, turn, services))


def is_aside(turn: Turn, services: Services) -> bool:
    """Whether a text sounds like a question and has a certain answer."""
    certain = turn.finding is not None and turn.finding.outcome is Found.ANSWERED
    return certain and services.commands.asks(turn.text)


def answer_of(turn: Turn, services: Services, entry_id: str) -> Reply:
    """The answer with its source, the notice where one is due, and a way to rate it where buttons are drawn."""
    entry = services.knowledge.entry(entry_id)
    untranslated = turn.locale is Locale.EN and not entry.answer_en
    text = entry.answer if untranslated or turn.locale is Locale.ZH_CN else entry.answer_en
    parameters = {"answer": text, "source": _source(turn, services, entry_id)}
    return Reply(
        key="answer_untranslated" if untranslated else "answer",
        parameters=parameters,
        quoted=frozenset({"answer"}),
        options=_ratings(entry_id) if services.draws_buttons(turn.conversation.addressee) else (),
        notice="risk_standard" if entry.risk_notice else None,
        kind=AnswerKind.ANSWERED,
        entry_id=entry_id,
    )


def go_on(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    """Back to the complaint that is being told, to the questionnaire, or to the quiz."""
    if running(turn):
        return complaints.asked_again(unit, turn, services)
    if assessing(turn):
        return assessments.asked_again(unit, turn, services)
    return lessons.asked_again(unit, turn, services)


def turned_down(turn: Turn, topic: Topic | None) -> Miss:
    """That nothing given or offered was meant; the curators want the question, not the words that turn it down."""
    if topic is None:
        return _miss(turn, "none")
    return replace(_miss(turn, "none", topic.text), nearest=next(iter(topic.entries), None))


def _answers(turn: Turn, services: Services) -> Sequence[Reply]:
    names = tuple(scored.entry_id for scored in turn.finding.entries) if turn.finding else ()
    if turn.finding is None or not turn.finding.several:
        topic = Topic(_asked(turn), names[:1], given=True, shown=names[:1])
        return (replace(answer_of(turn, services, names[0]), topic=topic),)
    parts = [_part(turn, services, name) for name in names]
    notice = next((part.notice for part in parts if part.notice), None)
    topic = Topic(services.knowledge.entry(names[-1]).question, names, given=True, shown=names)
    return (*(replace(part, notice=None) for part in parts[:-1]), replace(parts[-1], notice=notice, topic=topic))


async def _phrased(turn: Turn, services: Services, replies: Sequence[Reply]) -> Sequence[Reply]:
    """One approved answer in words that fit the question; as it is without a language model, or where that errs."""
    if services.writer is None or len(replies) != 1 or replies[0].key != "answer" or not replies[0].entry_id:
        return replies
    plain, entry = replies[0], replies[0].entry_id
    source = Source(entry, question(services, entry, turn.locale).label, str(plain.parameters["answer"]))
    said = await services.writer.phrased(turn.text, (source,), turn.locale, _names(turn))
    if said is None:
        return replies
    parameters = {**plain.parameters, "answer": said}
    return (replace(plain, key="answer_phrased", parameters=parameters, quoted=frozenset()),)


async def _looked_again(turn: Turn, services: Services) -> Turn | None:
    """The turn with what is found for a question in a language model's words: to choose from, never a sole answer."""
    if services.writer is None or turn.finding is None or not services.commands.asks(turn.text):
        return None
    reworded = await services.writer.rewritten(turn.text, turn.locale, _names(turn))
    found = services.knowledge.find(reworded, turn.locale) if reworded else None
    if found is None or found.outcome not in SHOWN:
        return None
    return replace(turn, finding=replace(found, outcome=Found.CANDIDATES, asked=reworded))


def _names(turn: Turn) -> tuple[str, ...]:
    """How the client is called, which is nobody else's business."""
    return (turn.client.salutation,) if turn.client else ()


def _part(turn: Turn, services: Services, entry_id: str) -> Reply:
    """One answer of several: it says what it answers, and the notice stands below the last."""
    reply = answer_of(turn, services, entry_id)
    asked = question(services, entry_id, turn.locale).label
    key = "answer_part_untranslated" if reply.key == "answer_untranslated" else "answer_part"
    parameters = {**reply.parameters, "question": asked}
    return replace(reply, key=key, parameters=parameters, quoted=frozenset({"answer", "question"}), options=())


def _asked(turn: Turn) -> str:
    """The question in full, as it was understood."""
    asked = turn.finding.asked if turn.finding else None
    return (asked or turn.text)[:LONGEST_ASKED]


def _source(turn: Turn, services: Services, entry_id: str) -> str:
    entry = services.knowledge.entry(entry_id)
    if entry.approved_on is None:
        return ""
    released = {"version": entry.version, "date": entry.approved_on.isoformat()}
    return services.texts.render("answer_source", turn.locale, released)


def _ratings(entry_id: str) -> tuple[Option, ...]:
    return (
        Option(f"useful:{entry_id}", label_key="option_helpful"),
        Option(f"useless:{entry_id}", label_key="option_not_helpful"),
    )


def _picked(unit: Unit, turn: Turn, services: Services, reply: Reply) -> Sequence[Reply]:
    if services.questions.missing(turn.conversation):
        services.questions.found(unit, turn.conversation)
    return (reply, *go_on(unit, turn, services))


def _answered(unit: Unit, turn: Turn, services: Services, replies: Sequence[Reply]) -> Sequence[Reply]:
    """Say it; a statement that only happens to fit an answer may belong to a complaint told before."""
    if services.questions.missing(turn.conversation):
        services.questions.found(unit, turn.conversation)
    if not services.commands.asks(turn.text):
        services.intakes.supplement(unit, turn.conversation, heard(turn))
    return replies


def _supplemented(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    """Add a statement to the complaint lately registered here; nothing where it is a question or there is none."""
    if waiting(turn) or services.commands.asks(turn.text):
        return ()
    ticket = services.intakes.supplement(unit, turn.conversation, heard(turn))
    return (complaints.added(ticket),) if ticket else ()


def _missed(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    count = services.questions.miss(unit, turn.conversation, _miss(turn, "unknown"))
    if len(turn.text) > LONGEST_TEXT:
        reply = say("message_too_long", limit=LONGEST_TEXT, options=(PERSON,))
    elif count > 1:
        reply = say("question_unknown_again", options=(PERSON, COMPLAINT))
    else:
        reply = say("question_unknown", options=(PERSON, MENU))
    return (_counted(reply, turn, AnswerKind.UNKNOWN),)


def _counted(reply: Reply, turn: Turn, kind: AnswerKind) -> Reply:
    """The reply with what it made of the question, and the entry that came nearest."""
    best = turn.finding.entries[0].entry_id if turn.finding and turn.finding.entries else None
    return replace(reply, kind=kind, entry_id=best)


def _left(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    ticket = services.handover.waiting_with(unit, turn.conversation)
    return (say("handover_left_message", number=ticket.number),) if ticket else _missed(unit, turn, services)


def _miss(turn: Turn, outcome: str, asked: str | None = None) -> Miss:
    best = turn.finding.entries[0] if turn.finding and turn.finding.entries else None
    return Miss(
        question=(asked or turn.text)[:LONGEST_TEXT],
        locale=turn.locale,
        outcome=outcome,
        channel=turn.conversation.addressee.channel,
        conversation_id=turn.conversation.id,
        at=turn.now,
        nearest=best.entry_id if best else None,
        score=best.score if best else None,
    )
