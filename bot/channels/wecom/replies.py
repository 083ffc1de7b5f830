"""Answers at the service desk: in parts that fit, each under its own name, welcomes by their code."""

from bot.channels.base import ChannelState
from bot.channels.parts import after
from bot.channels.tencent.notation import legible
from bot.channels.wecom.account import LONGEST, LONGEST_HEAD
from bot.channels.wecom.desk import Chat, Message, ServiceDesk
from bot.channels.wecom.msgids import MsgIds, msgids
from bot.channels.wecom.rows import Entrance
from bot.channels.wecom.welcomes import code_for, keep_code
from bot.errors import ContentRefused, StorageError, TryLater
from bot.messages import Enclosed, Outgoing, Receipt, ShownOption
from bot.splitting import fits, split


class Replies:
    """Sends texts for one account."""

    def __init__(self, desk: ServiceDesk, state: ChannelState) -> None:
        self.state = state
        self._desk = desk
        self._msgids: MsgIds | None = None

    async def msgids(self) -> MsgIds:
        """How messages are named here."""
        if self._msgids is None:
            self._msgids = await msgids(self.state)
        return self._msgids

    async def let_in(self, entrance: Entrance) -> None:
        """Remember the welcome that the platform allows for a few seconds."""
        await keep_code(self.state, entrance.chat.address, entrance.code)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Every part in order. A repeated attempt repeats the names, and what has arrived is not taken again.

        The welcome is a text or a menu, and costs nothing of what may be said later.
        """
        chat = Chat.parse(outgoing.to.address)
        try:
            names, code = await self.msgids(), await code_for(self.state, chat.address)
        except StorageError:
            raise TryLater("names", "the database did not give the names of messages") from None
        messages = _messages(outgoing, names)
        if not messages:
            raise ContentRefused("44004", "nothing to send")
        said = tuple(message.msgid for message in messages)
        if code and not messages[0].enclosed and await self._desk.welcome(code, messages[0]):
            messages = messages[1:]
        for number, message in enumerate(messages, len(said) - len(messages)):
            with after(number):
                await self._desk.say(chat, message)
        return Receipt(platform_message_ids=said, messages=len(messages))


def _messages(outgoing: Outgoing, names: MsgIds) -> list[Message]:
    """What can be tapped stays the last thing said."""
    things = _things(outgoing)
    last = len(things)
    return [
        _message(names.name(outgoing.delivery_id, number), thing, outgoing.options if number == last else ())
        for number, thing in enumerate(things, 1)
    ]


def _things(outgoing: Outgoing) -> list[str | Enclosed]:
    parts = _parts(legible(outgoing.text), outgoing.options)
    if parts and outgoing.options:
        return [*parts[:-1], *outgoing.enclosed, parts[-1]]
    return [*parts, *outgoing.enclosed]


def _message(name: str, thing: str | Enclosed, options: tuple[ShownOption, ...]) -> Message:
    return Message(name, thing, options) if isinstance(thing, str) else Message(name, enclosed=thing)


def _parts(text: str, options: tuple[ShownOption, ...]) -> list[str]:
    """The last part is the head of the menu, where there is one."""
    parts = split(text, LONGEST)
    if options and parts and not fits(parts[-1], LONGEST_HEAD):
        return [*parts[:-1], *split(parts[-1], LONGEST_HEAD)]
    return parts
