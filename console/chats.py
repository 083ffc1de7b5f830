"""What staff do in a conversation besides words: say whose the chat is, and send a picture or a file."""

from functools import partial

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from bot.errors import MediaRefused, NotPermitted, Refused
from bot.vocabulary import Action, MediaRefusal
from console import conversations, faults, ties
from console.deeds import submitted
from console.visits import Visit
from services.identity import Identity, Result, Step, Vouched
from services.media.kinds import enclosed_as
from storage.repositories import form_keys
from storage.unit import Unit

LONGEST_CLIENT = 32
"""Signs of a client's number."""


async def tie(visit: Visit) -> Response:
    """Make the chat of a client who cannot write to us in it theirs."""
    try:
        step = await _tied(visit)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await conversations.page(visit, faults.say(visit, refused), 422)
    if step is None or step.result is Result.DONE:
        return RedirectResponse(_back(visit), 303)
    until = step.until or visit.console.clock.now()
    told = Refused(f"tie_{step.result}", remaining=step.remaining, until=until)
    return await conversations.page(visit, faults.say(visit, told), 422)


async def picture(visit: Visit) -> Response:
    """Send a picture or file with some words below which it is shown."""
    try:
        media_id = await _kept(visit)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await conversations.page(visit, faults.say(visit, refused), 422)
    return await conversations.act(visit, partial(conversations.say, visit), media_id)


async def _tied(visit: Visit) -> Step | None:
    """What came of it; None where the same form was sent before."""
    form, given, now = await submitted(visit), await visit.form(), visit.console.clock.now()
    client, tail = (str(given.get(name, "")).strip()[:LONGEST_CLIENT] for name in ("client", "tail"))

    def once(unit: Unit) -> Step | None:
        number = conversations.number_of(visit)
        _, chat = conversations.reachable(visit, unit, number, Action.READ_CONVERSATIONS)
        if not ties.is_deaf(visit, chat):
            raise faults.NotFound("page_unknown")
        if not form_keys.claim(unit, form.key, visit.staff.id, _back(visit), now):
            return None
        wanted = Vouched(chat.account_id, client, tail, now, ties.code_of(visit, chat))
        return Identity(visit.console.rules).vouch(unit, visit.staff, wanted)

    return await visit.console.database.write(once)


async def _kept(visit: Visit) -> int:
    """What is sent, in the branch's media; Refused before it is kept where it could not be sent."""
    form, sent = await submitted(visit), (await visit.form()).get("picture")
    taken = await visit.console.database.read(lambda unit: _taken_there(visit, unit))
    wrong = "file_type" if "file" in taken else "picture_type"
    content = await sent.read() if isinstance(sent, UploadFile) else b""
    if not form.text:
        raise Refused("text_missing")
    if not content:
        raise Refused("picture_missing")
    try:
        found = await visit.console.library.judged("", content)
        if enclosed_as(found.type) not in taken:
            raise Refused(wrong)
        return (await visit.console.library.receive(content)).id
    except MediaRefused as refused:
        raise Refused(wrong if refused.reason is MediaRefusal.TYPE else f"picture_{refused.reason}") from None


def _taken_there(visit: Visit, unit: Unit) -> frozenset[str]:
    """What the conversation's channel takes besides words; Refused where that is nothing."""
    _, chat = conversations.reachable(visit, unit, conversations.number_of(visit), Action.REPLY)
    taken = visit.console.handover.encloses(chat)
    if not taken:
        raise Refused("reply_no_pictures")
    return taken


def _back(visit: Visit) -> str:
    return f"/console/conversations/{conversations.number_of(visit)}?view={conversations.view_of(visit)}"
