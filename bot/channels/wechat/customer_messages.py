"""Messages outside the answer to a request, within 48 hours after the client wrote."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.channels.base import ChannelState
from bot.channels.parts import after
from bot.channels.tencent.notation import legible, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.tencent.shelf import Shelf
from bot.channels.wechat.account import LONGEST
from bot.channels.wechat.api import Api
from bot.channels.wechat.enclosures import enclosure
from bot.channels.wechat.outcomes import NO_MENUS, OUT_OF_TIME_OR_UNSUBSCRIBED, send_error
from bot.channels.wechat.rights import Power, Rights
from bot.clock import Clock
from bot.errors import ContentRefused, OutcomeUnknown, RecipientGone, SendError, StorageError, TryLater
from bot.messages import Enclosed, Outgoing, ShownOption
from bot.splitting import fits, split

log = logging.getLogger(__name__)

_REMEMBERED = timedelta(days=3)
"""How long it is known which parts of a long text went out; a window is open for two days."""

MOST_LINES = 10
"""Options that one menu message shows."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One message; `options` are what its last lines offer, to be tapped where the account may send menus."""

    text: str
    options: tuple[ShownOption, ...] = ()


class CustomerMessages:
    """Sends texts for one account."""

    def __init__(self, api: Api, rights: Rights, state: ChannelState, clock: Clock) -> None:
        self._api = api
        self._rights = rights
        self._state = state
        self._shelf = Shelf(state)
        self._clock = clock

    async def send(self, outgoing: Outgoing) -> int:
        """Every part of the text in order; after a failure the next attempt goes on where this one ended.

        Returns how many messages it took, in all attempts together.
        To an account without the permission every window is closed: its replies go with the client's next message.
        """
        self._rights.demand(Power.CUSTOMER)
        parts = _parts(outgoing)
        if not parts:
            raise ContentRefused("44004", "nothing to send")
        if len(parts) == 1:
            await self._say(outgoing.to.address, parts[0])
            return 1
        key = f"parts:{outgoing.delivery_id}"
        said = await self._said(key)
        for number, part in enumerate(parts[said:], said + 1):
            with after(number - 1):
                await self._say(outgoing.to.address, part)
            await self._remember(key, number)
        return len(parts)

    async def typing(self, openid: str) -> None:
        """Show that an answer is being written; whatever is said against it, the answer comes all the same."""
        if self._rights.refused(Power.CUSTOMER):
            return
        try:
            await self._api.post("message/custom/typing", {"touser": openid, "command": "Typing"})
        except (Refusal, SendError) as error:
            log.debug("typing is not shown: %s", type(error).__name__)

    async def _said(self, key: str) -> int:
        try:
            return int(await self._state.get(key) or 0)
        except StorageError:
            raise TryLater("parts", "the database did not say what went out") from None

    async def _remember(self, key: str, number: int) -> None:
        """Without this note the next attempt would repeat what the client has read: then staff decide."""
        try:
            await self._state.put(key, str(number), _REMEMBERED)
        except StorageError:
            raise OutcomeUnknown("parts", "the database did not note what went out") from None

    async def _say(self, openid: str, part: _Piece | Enclosed) -> None:
        """Options as lines to tap; as the numbered list that they are in the text where the account has no menus."""
        try:
            if not isinstance(part, _Piece):
                await self._post(openid, *await enclosure(self._api, self._shelf, part))
            elif not await self._offered(openid, part):
                await self._post(openid, "text", {"content": part.text})
        except Refusal as refusal:
            raise await self._outcome(refusal, openid) from None

    async def _offered(self, openid: str, piece: _Piece) -> bool:
        if not piece.options or self._rights.refused(Power.MENU):
            return False
        lines = piece.text.split("\n")
        head, listed = lines[: -len(piece.options)], lines[-len(piece.options) :]
        rows = [{"id": option.value, "content": line} for option, line in zip(piece.options, listed, strict=True)]
        try:
            await self._post(openid, "msgmenu", {"head_content": "\n".join(head), "list": rows, "tail_content": ""})
        except Refusal as refusal:
            if refusal.code != NO_MENUS:
                raise
            await self._rights.remember(Power.MENU, refusal.code)
            return False
        return True

    async def _post(self, openid: str, form: str, content: Mapping[str, object]) -> None:
        answer = await self._api.post("message/custom/send", {"touser": openid, "msgtype": form, form: content})
        if "errcode" not in answer:
            raise OutcomeUnknown("junk", "no answer of the platform")

    async def _outcome(self, refusal: Refusal, openid: str) -> SendError:
        """One code means either of two things: then the platform is asked whether the client still follows."""
        if refusal.code == OUT_OF_TIME_OR_UNSUBSCRIBED and not await self._follows(openid):
            return RecipientGone(str(refusal.code))
        return await self._rights.outcome(Power.CUSTOMER, refusal)

    async def _follows(self, openid: str) -> bool:
        """Where the platform doesn't say, the client counts as following: a closed window ends with their next word."""
        try:
            answer = await self._api.get("user/info", {"openid": openid})
        except Refusal as refusal:
            return not isinstance(send_error(refusal, self._clock.now()), RecipientGone)
        except SendError:
            return True
        return word(answer, "subscribe") != "0"


def _parts(outgoing: Outgoing) -> list[_Piece | Enclosed]:
    """Every message that it takes, in order; what can be tapped stays the last thing said."""
    pieces = _pieces(legible(outgoing.text), outgoing.options)
    if pieces and pieces[-1].options:
        return [*pieces[:-1], *outgoing.enclosed, pieces[-1]]
    return [*pieces, *outgoing.enclosed]


def _pieces(text: str, options: Sequence[ShownOption]) -> list[_Piece]:
    """The text in messages, the last one with the options if its last lines are their list."""
    listed = text.split("\n")[-len(options) :] if 0 < len(options) <= MOST_LINES else []
    head = split(text.removesuffix("\n".join(listed)), LONGEST)
    last = "\n".join([*head[-1:], *listed])
    fit = all(line.endswith(legible(option.label)) for line, option in zip(listed, options, strict=False))
    if not (listed and head and fit and len(listed) == len(options) and fits(last, LONGEST)):
        return [_Piece(part) for part in split(text, LONGEST)]
    return [*(_Piece(part) for part in head[:-1]), _Piece(last, tuple(options))]
