"""One WeChat official account: takes what clients write, answers in the request or by customer-service message."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from bot.channels.base import (
    Capabilities,
    ChannelState,
    Group,
    HttpAnswer,
    Received,
    Route,
    Unit,
    WebhookRequest,
    Window,
)
from bot.channels.tencent.open_tasks import News, OpenTasks
from bot.channels.wechat.account import LONGEST, WechatAccount
from bot.channels.wechat.api import Api
from bot.channels.wechat.checks import Checks
from bot.channels.wechat.customer_messages import MOST_LINES, CustomerMessages
from bot.channels.wechat.envelope import Gate, Letter
from bot.channels.wechat.mass import MassMessages
from bot.channels.wechat.media import fetched
from bot.channels.wechat.notices import SubscriptionNotices, consents_in
from bot.channels.wechat.passive import ACKNOWLEDGED, passive_answer
from bot.channels.wechat.reading import item_of
from bot.channels.wechat.reports import refused_by_client, reports_of
from bot.channels.wechat.rights import Rights
from bot.channels.wechat.tags import Tags
from bot.channels.wechat.templates import TemplateMessages
from bot.clock import Clock
from bot.errors import BodyUnreadable, MediaRefused, WindowClosed
from bot.messages import Event, Inbound, Outgoing, Receipt
from bot.vocabulary import Addressee, ChannelKind, EventKind, MediaRefusal
from bot.vocabulary.health import Observation

CAPABILITIES = Capabilities(
    longest_text=LONGEST,
    unit=Unit.BYTES,
    window=Window(timedelta(hours=48), 5, reserve=1),
    action_window=Window(timedelta(minutes=1), 3),
    passive_reply=True,
    menu=MOST_LINES,
    media=frozenset({"card", "image"}),
)
PASSIVE_ONLY = replace(CAPABILITIES, window=None, action_window=None, proactive=False, menu=0, media=frozenset())
"""Of an account without customer-service messages."""

MASS_SEND = Group(least=2, most=10_000, rate=1.0, monthly=4)
"""60 calls a minute; what a follower gets counts over interface and console together."""

MASS_BY_TAG = Group(least=1, most=10_000, rate=1.0, monthly=31)
"""One a day, by the platform's own count: a second one is refused until midnight (45028)."""

_LOOK = 12.0
"""Seconds until a process that may not ask for results looks whether it may by now."""

_SILENT = frozenset({EventKind.UNFOLLOWED, EventKind.VIEWED, EventKind.OTHER})
"""Events after which the client would not see a passive reply."""


def _capabilities(account: WechatAccount) -> Capabilities:
    forms = {**account.templates, **account.notices} if account.secret else {}
    group = (MASS_BY_TAG if account.mass_by_tag else MASS_SEND) if account.mass_messages and account.secret else None
    return replace(
        CAPABILITIES if account.may_send else PASSIVE_ONLY,
        registered={key: form.fields for key, form in forms.items()},
        consented={key: form.id for key, form in forms.items() if key in account.notices},
        group=group,
    )


class WechatChannel:
    """Channel, Opener, Typist, GroupSender, MediaSource; Poller for the results of its mass sends. One account."""

    kind = ChannelKind.WECHAT

    def __init__(self, account: WechatAccount, state: ChannelState, clock: Clock) -> None:
        self.account = account.name
        self._may_send = account.may_send
        self._has_secret = account.secret is not None
        self.capabilities = _capabilities(account)
        self._clock = clock
        self._gate = Gate(account, clock)
        self._api = Api(account, state, clock)
        self._checks = Checks(account, self._api, state, clock)
        self._rights = Rights(account, state, clock)
        self._messages = CustomerMessages(self._api, self._rights, state, clock)
        self._jobs = OpenTasks(state, clock, "mass", account.results, _LOOK)
        self.mass = MassMessages(
            self._api, self._rights, self._jobs, clock, Tags(self._api, clock) if account.mass_by_tag else None
        )
        self._templates = TemplateMessages(self._api, account.templates, self._rights)
        self._notices = SubscriptionNotices(self._api, account.notices, self._rights)

    async def open(self) -> None:
        """Make ready to send; the platform is not contacted before there is something to say."""
        self._api.open()
        await self._rights.recall()

    async def close(self) -> None:
        """Close every connection."""
        await self._api.close()

    def routes(self) -> Sequence[Route]:
        """One address: GET for the console's check, POST for what clients do."""
        return (Route(),)

    async def receive(self, request: WebhookRequest) -> Received:
        """Verify, decrypt and read a request; raises WebhookError for one that is not to be taken."""
        stamp = self._gate.admit(request.query)
        if request.method == "GET":
            return Received(HttpAnswer(body=request.query.get("echostr", "").encode(errors="replace")))
        letter = self._gate.open(request, stamp)
        reports = reports_of(letter.fields)
        if reports:
            await self.mass.told(reports)
            return Received(ACKNOWLEDGED, [*reports, *self._departures(letter)])
        item = item_of(letter.fields, self.account)
        consents = consents_in(letter.fields, item) if isinstance(item, Event) else []
        return Received(ACKNOWLEDGED, consents or (item,), self._passive(letter, item), stamp.replay_key)

    def _departures(self, letter: Letter) -> list[Event]:
        """A client who refuses our messages has gone until they write again."""
        if not refused_by_client(letter.fields):
            return []
        try:
            item = item_of(letter.fields, self.account)
        except BodyUnreadable:  # the report itself can be read
            return []
        return [replace(item, kind=EventKind.UNFOLLOWED)] if isinstance(item, Event) else []

    def _passive(self, letter: Letter, item: Inbound) -> Callable[[str], HttpAnswer | None] | None:
        if isinstance(item, Event) and item.kind in _SILENT:
            return None
        return lambda text: passive_answer(letter, text, int(self._clock.now().timestamp()))

    def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """What can be seen of the account."""
        return self._checks.run(public_url)

    async def send_group(self, outgoing: Outgoing, addresses: Sequence[str]) -> Receipt:
        """One mass send to followers."""
        return await self.mass.send(outgoing, addresses)

    async def poll(self) -> AsyncGenerator[News, None]:
        """Results of mass sends whose event did not come; ends at once where the account has no mass send."""
        if self.capabilities.group is None:
            return
        async with aclosing(self._jobs.rounds(self.mass.asked)) as rounds:
            async for reports in rounds:
                yield reports

    async def typing(self, to: Addressee) -> None:
        """Show that an answer is being written, for 15 s or until it comes."""
        if self._may_send:
            await self._messages.typing(to.address)

    async def fetch(self, media: Mapping[str, str], limit: int) -> bytes:
        """What a client sent in the last three days; an account without a secret is given nothing."""
        if not self._has_secret:
            raise MediaRefused(MediaRefusal.UNREACHED)
        return await fetched(self._api, media, limit, self._clock.now())

    async def send(self, outgoing: Outgoing) -> Receipt:
        """One customer-service message, in several parts if it is long, or one form; raises SendError.

        An account that may not send any answers with the client's next message: to it the window is closed.
        """
        if outgoing.form is not None:
            consented = outgoing.form.text_key in self.capabilities.consented
            return await (self._notices if consented else self._templates).send(outgoing, outgoing.form)
        if not self._may_send:
            raise WindowClosed("", "the account sends nothing but passive replies")
        return Receipt(messages=await self._messages.send(outgoing))
