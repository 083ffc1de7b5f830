"""The Telegram channel by webhook: updates are posted to us under a secret that only Telegram knows."""

import asyncio
import hmac
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress

from pydantic import ValidationError
from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.channels.base import Capabilities, ChannelState, Rate, Received, Route, Unit, WebhookRequest
from bot.channels.telegram.account import Pace, TelegramAccount
from bot.channels.telegram.checks import Checks
from bot.channels.telegram.files import Files
from bot.channels.telegram.lean import LeanBot
from bot.channels.telegram.outcomes import reason
from bot.channels.telegram.reading import Reader
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.splitting import LONGEST_TEXT
from bot.channels.telegram.wire import SECRET_HEADER, UPDATE_KINDS, Update
from bot.clock import Clock, SystemClock
from bot.errors import BodyUnreadable, SignatureWrong
from bot.messages import Inbound, Outgoing, Receipt
from bot.vocabulary import Addressee, ChannelKind, Locale
from bot.vocabulary.health import Observation

log = logging.getLogger(__name__)

MOST_BUTTONS = 100

LANGUAGES = {Locale.ZH_CN: "zh", Locale.EN: None}
"""Telegram's language codes; None is shown to everyone whose language has no list of its own."""


class TelegramChannel:
    """Channel, Opener and Typist for one bot.

    `prepared` is set when Telegram has been told how to hand updates over, or the first try has failed.
    """

    kind = ChannelKind.TELEGRAM

    def __init__(self, account: TelegramAccount, state: ChannelState, clock: Clock | None = None) -> None:
        self.account = account.name
        self.capabilities = Capabilities(
            longest_text=LONGEST_TEXT,
            unit=Unit.UTF16,
            buttons=MOST_BUTTONS,
            media=frozenset({"image", "file"}) if account.files else frozenset(),
            rate=Rate(account=account.rate, chat=1.0),
            personal_data_allowed=False,
            own_phone=True,
        )
        self.prepared = asyncio.Event()
        self._account = account
        self._state = state
        self._request = AiohttpRequest(account.patience, account.proxy)
        root = account.api_root.rstrip("/")
        self._bot = LeanBot(account.token, f"{root}/bot", f"{root}/file/bot", self._request, self._request)
        self._reader = Reader(account.name, {command.name: command.choice for command in account.commands})
        self._sender = Sender(self._bot, account.name, state, paid=account.paid_rate is not None)
        self._files = Files(self._bot, self._request)
        self._checks = Checks(account, self._bot, self._request, clock or SystemClock())
        self._errands: set[asyncio.Task[None]] = set()

    def routes(self) -> Sequence[Route]:
        """One address, where updates are posted."""
        return (Route(methods=("POST",)),)

    async def open(self) -> None:
        """Begin to tell Telegram how updates are to come and which commands there are; it may be out of reach."""
        self._run(self._prepare())

    async def close(self) -> None:
        """End what is under way and let go of connections."""
        errands = list(self._errands)
        for errand in errands:
            errand.cancel()
        await asyncio.gather(*errands, return_exceptions=True)
        await self._request.shutdown()

    async def receive(self, request: WebhookRequest) -> Received:
        """Check the secret, read the update; no update that Telegram may invent is an error."""
        self._check_secret(request)
        try:
            update = Update.model_validate_json(request.body)
        except ValidationError:
            raise BodyUnreadable("no update of the Bot API") from None
        item = self._take(update)
        return Received(items=(item,) if item else ())

    async def typing(self, to: Addressee) -> None:
        """Show that an answer is being written, for 5 s or until it comes; the answer comes whether it shows or not."""
        with suppress(TelegramError):
            await self._bot.ask("sendChatAction", {"chat_id": to.address, "action": ChatAction.TYPING})

    async def send(self, outgoing: Outgoing) -> Receipt:
        """One message, in several parts where it is long; raises SendError."""
        return await self._sender.send(outgoing)

    async def fetch(self, media: Mapping[str, str], limit: int) -> bytes:
        """A file that a client sent; Telegram gives out 20 MB at most."""
        return await self._files.fetch(media, limit)

    def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """What can be seen of the bot."""
        return self._checks.run(public_url)

    def _check_secret(self, request: WebhookRequest) -> None:
        expected = self._account.secret_token
        given = request.headers.get(SECRET_HEADER, "")
        if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
            raise SignatureWrong("secret token")

    def _take(self, update: Update) -> Inbound | None:
        if update.callback_query:
            self._run(self._release_button(update.callback_query.id))
        return self._reader.read(update)

    async def _release_button(self, query_id: str) -> None:
        """Without this the button looks busy for a while; it may fail without harm."""
        with suppress(TelegramError):
            await self._bot.ask("answerCallbackQuery", {"callback_query_id": query_id})

    async def _prepare(self) -> None:
        await self._insist(self._choose_delivery)
        await self._insist(self._push_commands)

    async def _insist(self, step: Callable[[], Awaitable[None]]) -> None:
        """Try until it works: Telegram may be out of reach for hours, and the other channels go on meanwhile."""
        for pause in pauses(self._account.pace):
            try:
                await step()
                return
            except TelegramError as error:
                log.warning("telegram/%s: not prepared (%s); again in %.0f s", self.account, reason(error), pause)
            finally:
                self.prepared.set()
            await asyncio.sleep(pause)

    async def _choose_delivery(self) -> None:
        hook = self._account.hook
        if hook is None:
            await self._bot.ask("deleteWebhook", {})
            return
        secret = self._account.secret_token
        await self._bot.ask("setWebhook", {"url": hook, "secret_token": secret, "allowed_updates": UPDATE_KINDS})

    async def _push_commands(self) -> None:
        commands = self._account.commands
        for locale, language in LANGUAGES.items() if commands else ():
            lines = [BotCommand(command.name, command.descriptions[locale]) for command in commands]
            fields = {"commands": lines, "scope": BotCommandScopeAllPrivateChats(), "language_code": language}
            await self._bot.ask("setMyCommands", fields)

    def _run(self, errand: Coroutine[object, object, None]) -> None:
        """In the background; kept here because the loop holds tasks only weakly."""
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def pauses(pace: Pace) -> Iterator[float]:
    """Seconds between tries: doubling, up to the longest."""
    pause = pace.first_pause
    while True:
        yield pause
        pause = min(pause * 2, pace.longest_pause)
