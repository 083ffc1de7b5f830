"""The platform pushes over HTTP, the hooks store, and the client reads the answer: the whole way in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from starlette.applications import Starlette

from bot.clock import SystemClock
from bot.webhooks import Confirmations, Hooks, routes
from tests.bot.stand import Stand, standing
from tests.channels.wechat import OPENID, TEXT, Pushing, channel
from tests.doubles.faults import Faults
from tests.doubles.gateway import Gateway
from tests.doubles.ledger import Ledger
from tests.doubles.loopback import loopback_client
from tests.doubles.server import running
from tests.doubles.wechat import Heard, Manner, Mode, WechatDouble
from tests.doubles.wechat.envelope import Seal

WORDS = "股票几点开盘 ]]> 😀"


@dataclass
class Bot:
    """The hooks of one account behind a real port, answering with the client's own words."""

    stand: Stand
    root: str = ""

    def __post_init__(self) -> None:
        self.gateway = Gateway(Ledger(SystemClock()), Faults(), lambda: None)
        self.dispatcher = self.stand.dispatcher()

    def app(self) -> Starlette:
        """The hook of the account."""
        hooks = Hooks(self.stand.database, self.dispatcher, lambda *report: None, self.stand.clock, 4.0)
        self.confirmations = Confirmations(hooks)
        return Starlette(routes=routes(hooks, self.confirmations, [channel(clock=self.stand.clock)]))

    async def open(self) -> None:
        """Nothing to begin."""

    async def close(self) -> None:
        """Let what was begun come to an end."""
        await self.confirmations.close()
        await self.dispatcher.idle()


@dataclass
class Scene:
    """The platform, the bot and what the client has."""

    double: WechatDouble
    bot: Bot

    def read(self) -> list[tuple[str, str]]:
        return [(entry.via, entry.text) for entry in self.double.ledger.of(OPENID)]

    async def say(self, text: str, manner: Manner | None = None) -> Heard:
        return await self.double.client(OPENID).by(manner or Manner()).say(text)


@asynccontextmanager
async def staged(database_url: str) -> AsyncIterator[Scene]:
    async with standing(database_url) as stand, running(Bot(stand)) as bot:
        hook = f"{bot.root}/hooks/wechat"
        async with running(WechatDouble(stand.clock, hook=hook)) as double:
            yield Scene(double, bot)


@pytest_asyncio.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    async with staged(database_url) as opened:
        yield opened


async def test_the_platform_accepts_the_address(scene: Scene) -> None:
    assert await scene.double.check_url()


@pytest.mark.parametrize("mode", list(Mode))
async def test_the_client_reads_the_answer_in_every_mode(scene: Scene, mode: Mode) -> None:
    scene.double.mode = mode
    assert (await scene.say(WORDS)).statuses == (200,)
    assert scene.read() == [("passive", WORDS)]


@pytest.mark.parametrize("fresh_nonce", [False, True])
async def test_a_repeated_push_is_one_message_with_one_answer(scene: Scene, fresh_nonce: bool) -> None:
    heard = await scene.say(WORDS, Manner(fresh_nonce=fresh_nonce, lost_answers=2))
    assert heard.statuses == (200, 200, 200)
    assert scene.read() == [("passive", WORDS)]
    assert await scene.bot.stand.inbox() == [("handled", WORDS)]


async def test_a_repeated_event_is_one_event(scene: Scene) -> None:
    client = scene.double.client(OPENID).by(Manner(lost_answers=2))
    await client.follow("bind_7")
    await client.click("hours")
    assert len(await scene.bot.stand.inbox()) == 2


@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.SAFE])
async def test_a_forger_is_turned_away(scene: Scene, mode: Mode) -> None:
    genuine = Pushing(mode, seal=Seal(str(int(scene.bot.stand.clock.now().timestamp())), "one"))
    forged = replace(genuine, token="guessed").post(TEXT)
    other = genuine.post({**TEXT, "MsgId": 2})
    async with loopback_client(scene.bot.root) as http:
        statuses = [
            (await http.post("/hooks/wechat", params=dict(push.query), content=push.body)).status_code
            for push in (forged, genuine.post(TEXT), other, genuine.post(TEXT))
        ]
    assert statuses == [403, 200, 403, 200]
    assert len(await scene.bot.stand.inbox()) == 1
