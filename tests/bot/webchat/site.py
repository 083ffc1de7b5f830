"""The chat page on a real database, with scripted replies in the words of a branch."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from socket import socket

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from bot.dispatcher import Dispatcher
from bot.live import Live, MemoryLive
from bot.messages import Option, Reply
from bot.routing import Outcome, Turn
from bot.vocabulary import Locale, Owner, Purpose, Role
from bot.webchat import Branch, Embedding, Limits, Streams, Uploads, View, Webchat
from bot.webchat.headers import SecurityHeaders
from services.delivery.submission import Route, Submission, ToConversation
from services.media.library import Library
from storage.models import ConversationRow
from storage.repositories import staff
from storage.repositories.staff import NewStaff
from storage.unit import Unit
from tests.bot.stand import Stand, standing
from tests.library import shelf

NAMES = {Locale.ZH_CN: "示例证券滨江路营业部", Locale.EN: "Example Securities Riverside Road Branch"}
SOURCE = "来源：交易时间 v3 · 2026-10-08 审核"
NOTICE = "市场有风险，投资需谨慎。以上信息仅供参考，不构成投资建议。"
HOURS = "A 股交易日上午 9:15–9:25 为开盘集合竞价，9:30 开盘，11:30 午间休市；下午 13:00–15:00 交易。"
RATINGS = (Option("useful:hours", label="有用"), Option("useless:hours", label="没用"))
CHOICES = (
    Option("faq:transfer", label="银证转账什么时候能转？"),
    Option("faq:limit", label="银证转账有限额吗？"),
    Option("none", label="都不是"),
)


def branch_answers(turn: Turn) -> Outcome:
    """What the branch's bot would say, in short."""
    if turn.choice and turn.choice.startswith("faq:"):
        return (Reply("answer", {"text": "交易日 8:30–16:00 可以办理银证转账。"}),)
    if "转账" in turn.text:
        return (Reply("question_candidates", {"text": "您想问的是下面哪一个？"}, CHOICES),)
    if "开盘" in turn.text:
        text = f"{HOURS}\n{SOURCE}\n{NOTICE}"
        return (Reply("answer", {"text": text, "source": SOURCE}, RATINGS, notice="risk_standard"),)
    return (Reply("echo", {"text": f"收到：{turn.text}"}),)


@dataclass
class Site:
    """The page, and the hands of those behind it."""

    stand: Stand
    dispatcher: Dispatcher
    live: Live
    app: Starlette
    library: Library
    page: Webchat
    person: int | None = None

    async def conversation(self) -> int:
        """The number of the only conversation there is."""
        return await self.stand.database.read(lambda unit: unit.session.query(ConversationRow).one().id)

    async def staff_says(self, text: str, media_id: int | None = None, conversation: int | None = None) -> None:
        """A person writes into a conversation, the only one unless it is named, or sends a picture with the words."""

        def write(unit: Unit) -> None:
            to = ToConversation(conversation or unit.session.query(ConversationRow).one().id)
            wanted = Submission(f"staff:{text}", Purpose.STAFF_MESSAGE, to, "staff_message", {"text": text})
            self.stand.delivery.submit(unit, replace(wanted, author_id=self.person, media_id=media_id), Route.DIRECT)

        await self.stand.database.write(write)

    async def staff_takes_over(self) -> None:
        """From now on the bot is silent, and what is said has a name to it."""

        def take(unit: Unit) -> int:
            unit.session.query(ConversationRow).one().owner = Owner.STAFF
            return staff.add(unit, NewStaff("0231", "王岚", [Role.SERVICE], "-"), self.stand.clock.now())

        self.person = await self.stand.database.write(take)


@asynccontextmanager
async def opened(
    url: str, limits: Limits | None = None, origins: Sequence[str] = (), live: Live | None = None
) -> AsyncIterator[Site]:
    """The site without a server."""
    async with standing(url) as stand:
        library = shelf(stand.database, stand.clock)
        stand.script.answer = branch_answers
        live, dispatcher = live or MemoryLive(), stand.dispatcher()
        stand.database.listen(lambda signals: live.publish([f"{one.topic}:{one.key}" for one in signals]))
        uploads = Uploads(library.terms.largest, ("image/jpeg", "application/pdf"))
        view, key = View(Branch(NAMES, demo=True), uploads), stand.database.vault.derive("webchat")
        page = Webchat(
            database=stand.database,
            front=dispatcher,
            streams=Streams(stand.database, live),
            clock=stand.clock,
            view=view,
            library=library,
            key=key,
            embedding=Embedding(view, key, stand.clock, origins),
            limits=limits or Limits(),
        )
        app = Starlette(routes=page.routes(), middleware=[Middleware(SecurityHeaders)])
        yield Site(stand, dispatcher, live, app, library, page)
        await dispatcher.idle()


class Announced(uvicorn.Server):
    """A server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def listening(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """An application on a port of this machine, any free one by default; gives its address."""
    server = Announced(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    await server.ready.wait()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def served(site: Site) -> AsyncIterator[str]:
    """The site on a port of this machine; gives its address."""
    async with listening(site.app) as url:
        try:
            yield url
        finally:
            await site.live.close()


__all__ = ["HOURS", "NOTICE", "SOURCE", "Site", "listening", "opened", "served"]
