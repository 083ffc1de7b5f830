"""Several messages of one dialogue in one, where a platform counts messages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.channels.base import Capabilities
from bot.messages import Outgoing, ShownOption
from bot.splitting import fits
from services.delivery.sending import Ending
from storage.repositories.claims import Due, Result

GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that may go out, with those of the same dialogue that are said in it."""

    due: Due
    outgoing: Outgoing
    company: tuple[Due, ...] = ()


def counts_messages(capabilities: Capabilities) -> bool:
    """Whether merging saves something there; buttons belong to one text."""
    return capabilities.window is not None and not capabilities.buttons


def accompanied(ready: Ready, others: Sequence[Due], longest: int) -> Ready:
    """With as many of its dialogue's waiting messages as fit, in order; a list of options stays the last thing said."""
    later = [one for one in others if one.id > ready.due.id]
    earlier = [one for one in others if one.id < ready.due.id]
    company: list[Due] = []
    last = ready.due
    for one in later:
        if last.options or one.media_id or not fits(_text(ready, [*company, one]), longest):
            break
        company.append(one)
        last = one
    for one in reversed(earlier):
        if one.options or one.media_id or not fits(_text(ready, [*company, one]), longest):
            break
        company.append(one)
    return replace(ready, company=tuple(company))


def settled(ready: Ready, ours: Collection[int]) -> Ready:
    """With those only that are ours to send, and the words of all."""
    if not ready.company:
        return ready
    company = tuple(one for one in ready.company if one.id in ours)
    outgoing = replace(ready.outgoing, text=_text(ready, company))
    last = max([ready.due, *company], key=lambda one: one.id)
    if last is not ready.due:
        outgoing = replace(outgoing, options=tuple(ShownOption(**option) for option in last.options))
    return replace(ready, outgoing=outgoing, company=company)


def _text(ready: Ready, company: Sequence[Due]) -> str:
    texts = {ready.due.id: ready.outgoing.text} | {one.id: one.text or "" for one in company}
    return GAP.join(texts[number] for number in sorted(texts))


def shared(ready: Ready, ending: Ending) -> list[Ending]:
    """What became of each: all went the same way, as one message."""
    result = ending.result
    tried = result.attempts - ready.due.attempts
    others = [_own(one, result, tried) for one in ready.company]
    return [ending, *(Ending(other) for other in others)]


def _own(one: Due, result: Result, tried: int) -> Result:
    """The same for another delivery; what is to be noted on the chat is noted once."""
    doubted = result.doubted or one.doubted
    own = replace(result, id=one.id, account_id=one.account_id, conversation_id=one.conversation_id, doubted=doubted)
    return replace(own, attempts=one.attempts + tried, messages=0, gone=False, address=None)
