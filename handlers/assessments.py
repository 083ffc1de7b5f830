"""The risk questionnaire, answered in a chat: one question at a time, by button or number, without a hint."""

from collections.abc import Sequence
from datetime import timedelta

from bot.errors import Refused
from bot.messages import Option, Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import AssessmentState, ClientState, RiskLevel
from handlers import people
from handlers.turns import BIND, MENU, PERSON, RETAKE, running
from services import Services, Unit, dialogs
from services.commands import Command
from services.handover import Wish
from services.records import Client
from services.suitability import assessments, questionnaires
from services.suitability.assessments import Asked, Asking, Assessment, Hasty, Progress, Proposed, Referred
from services.suitability.matrix import packaged

BETWEEN = " / "
LONGEST_NUMBER = 18
"""Digits that any database takes; a web chat's choice may be anything."""
ABLE = frozenset({ClientState.NORMAL, ClientState.DORMANT})
"""Clients in any other state are staff's business."""

REFUSALS = {"assessment_limit": "risk_limit", "assessment_waits": "risk_waits"}
ORDERS = {
    Command.CANCEL: "cancel",
    Command.LATER: "later",
    Command.RESTART: "restart",
    Command.RESUME: "resume",
    Command.CONFIRM: "confirm",
}


async def start(turn: Turn, services: Services) -> Outcome:
    """Begin, or offer to go on with one that was broken off; a complaint being told rests meanwhile."""
    client = turn.client
    if client is None:
        return (say("bound_account_needed", options=(BIND,)),)
    if not services.hears_personal(turn.conversation.addressee):
        return (say("risk_elsewhere", options=(PERSON,)),)
    if client.state not in ABLE:
        return (say("risk_unavailable", options=(PERSON,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        if not running(turn):
            return _opened(unit, turn, services, client)
        services.intakes.pause(unit, turn.conversation, turn.now)
        return (say("complaint_paused"), *_opened(unit, turn, services, client))

    return act


async def choose(turn: Turn, services: Services, rest: str) -> Outcome:
    """An answer or one of the dialogue's options: `<assessment>:<what>`, for an answer with the option's key."""
    number, _, what = rest.partition(":")
    known = int(number) if number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER else 0
    return lambda unit: _chosen(unit, turn, services, known, what)


async def step(turn: Turn, services: Services) -> Outcome:
    """Words while the questionnaire is answered: an order, or no answer at all."""
    kept = dialogs.recall(turn.conversation, dialogs.ASSESSMENT, turn.now) or {}
    order = services.commands.of(turn.text)
    if order in ORDERS:
        return lambda unit: _chosen(unit, turn, services, kept.get("run", 0), ORDERS[order])
    return lambda unit: (say("risk_invalid_answer"), *asked_again(unit, turn, services))


def asked_again(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    """The question once more, with fresh options."""
    kept = dialogs.recall(turn.conversation, dialogs.ASSESSMENT, turn.now) or {}
    run = _mine(unit, turn, kept.get("run", 0))
    if run is None:
        dialogs.forget(unit, turn.conversation.id, dialogs.ASSESSMENT)
        return ()
    return _shown(unit, turn, services, assessments.go_on(unit, run, turn.now))


def _opened(unit: Unit, turn: Turn, services: Services, client: Client) -> Sequence[Reply]:
    run = assessments.open_one(unit, client.id, turn.now)
    if run is None:
        return _begun(unit, turn, services, client)
    if run.state is AssessmentState.PROPOSED or not run.answers:
        return _shown(unit, turn, services, assessments.go_on(unit, run, turn.now))
    _remember(unit, turn, run, resting=True)
    goes_on = Option(f"assess:{run.id}:resume", label_key="option_continue")
    anew = Option(f"assess:{run.id}:restart", label_key="option_restart")
    return (say("risk_resume", current=len(run.answers), options=(goes_on, anew)),)


def _chosen(unit: Unit, turn: Turn, services: Services, number: int, what: str) -> Sequence[Reply]:
    client, run = turn.client, _mine(unit, turn, number)
    if client is None or run is None:
        dialogs.forget(unit, turn.conversation.id, dialogs.ASSESSMENT)
        return (say("option_stale", options=(RETAKE, MENU)),)
    match what:
        case "cancel" | "decline":
            return _ended(unit, turn, assessments.decline(unit, run, turn.now))
        case "later":
            return _rested(unit, turn, run)
        case "restart":
            return _begun(unit, turn, services, client)
        case "confirm" if run.state is AssessmentState.PROPOSED:
            return _ended(unit, turn, assessments.confirm(unit, run, turn.now))
        case "careful":
            return _shown(unit, turn, services, assessments.insist(unit, run, turn.now))
    question, _, key = what.partition(":")
    return _shown(unit, turn, services, assessments.answer(unit, run, question, key, turn.now))


def _mine(unit: Unit, turn: Turn, number: int) -> Assessment | None:
    """The client's own open assessment; another's is none, also where the chat has changed hands since."""
    return assessments.claim(unit, number, turn.client.id, turn.now) if turn.client else None


def _begun(unit: Unit, turn: Turn, services: Services, client: Client) -> Sequence[Reply]:
    asking = Asking(client.id, turn.conversation.addressee.channel, turn.now)
    try:
        progress = assessments.begin(unit, asking)
    except Refused as refused:
        return (say(REFUSALS.get(refused.key, "risk_unavailable"), options=(PERSON,)),)
    replies = _shown(unit, turn, services, progress)
    if not isinstance(progress, Asked):
        return replies
    minutes = questionnaires.of(unit, progress.run.version).minutes
    return (say("risk_start", total=progress.total, minutes=minutes), *replies)


def _ended(unit: Unit, turn: Turn, run: Assessment) -> Sequence[Reply]:
    dialogs.forget(unit, turn.conversation.id, dialogs.ASSESSMENT)
    match run.state:
        case AssessmentState.CONFIRMED:
            return (say("risk_confirmed", options=(MENU,)),)
        case AssessmentState.DECLINED:
            return (say("risk_declined", options=(RETAKE, PERSON)),)
        case _:
            return (say("risk_cancelled", options=(RETAKE, MENU)),)


def _rested(unit: Unit, turn: Turn, run: Assessment) -> Sequence[Reply]:
    _remember(unit, turn, run, resting=True)
    hours = questionnaires.of(unit, run.version).keep_hours
    return (say("risk_paused", hours=hours, options=(Option(f"assess:{run.id}:resume", label_key="option_continue"),)),)


def _remember(unit: Unit, turn: Turn, run: Assessment, *, resting: bool) -> None:
    until = turn.now + timedelta(hours=questionnaires.of(unit, run.version).keep_hours)
    dialogs.remember(unit, turn.conversation.id, dialogs.ASSESSMENT, until, run=run.id, resting=resting)


def _shown(unit: Unit, turn: Turn, services: Services, progress: Progress) -> Sequence[Reply]:
    """What the client is told of where it stands."""
    if isinstance(progress, Referred):
        dialogs.forget(unit, turn.conversation.id, dialogs.ASSESSMENT)
        return _referred(unit, turn, services)
    _remember(unit, turn, progress.run, resting=False)
    match progress:
        case Asked():
            return (_question(turn, progress),)
        case Hasty(run=run):
            careful = Option(f"assess:{run.id}:careful", label_key="option_careful")
            anew = Option(f"assess:{run.id}:restart", label_key="option_restart")
            return (say("risk_hasty", options=(careful, anew)),)
        case Proposed(run=run):
            return _result(unit, turn, services, run)


def _question(turn: Turn, asked: Asked) -> Reply:
    """The question as it was approved, and its answers in their order."""
    head = f"assess:{asked.run.id}:{asked.question.id}"
    answers = [Option(f"{head}:{option.key}", label=option.text[turn.locale]) for option in asked.question.options]
    cancel = Option(f"assess:{asked.run.id}:cancel", label_key="option_cancel")
    said = {"current": asked.number, "total": asked.total, "question": asked.question.text[turn.locale]}
    key = "risk_again" if asked.again else "risk_progress"
    return Reply(key, said, options=(*answers, cancel), quoted=frozenset({"question"}))


def _result(unit: Unit, turn: Turn, services: Services, run: Assessment) -> Sequence[Reply]:
    """The level with what it means; the client confirms it or not."""
    level = run.level or RiskLevel.C1_MIN
    said = {
        "level": services.label(f"risk_level_{level.value.lower()}", turn.locale),
        "valid_until": run.valid_until.isoformat() if run.valid_until else "",
        "range": BETWEEN.join(sorted(packaged().levels[level])),
    }
    options = (
        Option(f"assess:{run.id}:confirm", label_key="option_confirm"),
        Option(f"assess:{run.id}:restart", label_key="option_restart"),
        Option(f"assess:{run.id}:decline", label_key="option_not_fitting"),
        PERSON,
    )
    key = "risk_result_min" if level is RiskLevel.C1_MIN else "risk_result"
    result = Reply(key, said, options=options, personal=frozenset(said))
    elder = assessments.is_elder(unit, run.client_id, services.rules.elder_age, turn.now)
    return (Reply("risk_elder"), result) if elder else (result,)


def _referred(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    """Staff settle it: the client is in their queue, and reads what holds until then."""
    wish = Wish(turn.inbox_id, services.label("assessment_referred", turn.locale), turn.now)
    place = services.handover.ask(unit, turn.conversation, wish)
    return (say("risk_referred"), *people.promised(unit, turn, place))
