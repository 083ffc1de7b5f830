"""What a client asks of their own record: told from it once the chat is theirs, and nobody else's ever."""

from collections.abc import Sequence
from dataclasses import replace

from bot.messages import Reply, say
from bot.routing import Outcome, Turn
from handlers import complaints, preferences, questions
from handlers.turns import BIND, PERSON, RETAKE
from services import Services, Unit, branch, records
from services.branch import Fact
from services.knowledge.outcome import Matter
from services.knowledge.outcome import Outcome as Found
from services.records import Client, Standing

ELSEWHERE = {Matter.COMPLAINT: complaints.progress, Matter.CONSENTS: preferences.show}
"""Matters that have their own dialogue, which also knows what to say to a chat without client."""


def asked(turn: Turn) -> bool:
    """Whether a text asks of the client's own record."""
    return turn.finding is not None and turn.finding.matter is not None


async def show(turn: Turn, services: Services) -> Outcome:
    """What the record says, or how to have the chat linked first."""
    matter, client = turn.finding.matter if turn.finding else None, turn.client
    if matter in ELSEWHERE:
        return await ELSEWHERE[matter](turn, services)
    if client is None:
        return _unbound(turn, services)
    match matter:
        case Matter.ADVISER:
            return lambda unit: (_adviser(unit, turn, client),)
        case Matter.RISK:
            return (_risk(turn, services, client),)
        case _:
            subject = services.label(f"personal_{matter}", turn.locale)
            return (say("personal_not_kept", subject=subject, options=(PERSON,)),)


def _unbound(turn: Turn, services: Services) -> Sequence[Reply]:
    """What is said to everybody, where something is, and how to have the chat linked."""
    link = say("bound_account_needed", options=(BIND, PERSON))
    if turn.finding is None or turn.finding.outcome is not Found.ANSWERED:
        return (link,)
    general = questions.answer_of(turn, services, turn.finding.entries[0].entry_id)
    return (replace(general, options=()), link)


def _adviser(unit: Unit, turn: Turn, client: Client) -> Reply:
    found = records.adviser(unit, client)
    phone = branch.present(unit).say(Fact.PHONE, turn.locale)
    if found is None:
        return say("personal_adviser_none", phone=phone, options=(PERSON,))
    named = {"name": found.name, "title": found.title, "licence": found.licence}
    return say("personal_adviser", **named, phone=phone, options=(PERSON,))


def _risk(turn: Turn, services: Services, client: Client) -> Reply:
    if client.risk_level is None or client.risk_valid_until is None:
        return say("personal_risk_none", options=(RETAKE, PERSON))
    standing = records.assessed(client, turn.now)
    key = "personal_risk" if standing is Standing.VALID else f"personal_risk_{standing}"
    level = services.label(f"risk_level_{client.risk_level.value.lower()}", turn.locale)
    parameters = {"level": level, "valid_until": client.risk_valid_until.isoformat()}
    options = (PERSON,) if standing is Standing.VALID else (RETAKE, PERSON)
    return Reply(key, parameters, personal=frozenset(parameters), options=options)
