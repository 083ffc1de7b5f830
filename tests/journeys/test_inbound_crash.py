"""kill -9 at a random moment while 8 clients write 80 messages: each is handled once, and nothing is said twice."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from storage.engine import normalise
from tests.doubles.ledger import Entry
from tests.doubles.server import running
from tests.doubles.wechat import Manner, Mode, WechatClient, WechatDouble
from tests.journeys.conftest import wechat_settings
from tests.journeys.process import Server, database, rows, serving, until

CLIENTS = 8
QUESTIONS = (
    "股票几点开盘",
    "怎么销户",
    "怎么开户",
    "佣金多少",
    "怎么修改预留手机号？",
    "可转债怎么申购？",
    "新股怎么申购？",
    "忘记交易密码怎么办？",
    "银证转账的时间是几点到几点？",
    "开户要收费吗？",
)
"""Each has an answer of its own."""

ABSENCE = timedelta(minutes=2)
"""Longer than a lease, and than a claim is believed."""


@dataclass
class Burst:
    """Clients who write, a platform that tries again, and a server that dies in between."""

    double: WechatDouble
    server: Server
    url: str
    answered: int = 0
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self, moment: int) -> None:
        """Everybody writes; at that moment, counted in messages taken, the server is killed."""
        clients = [self.double.client(f"oBurst{number:06}").by(Manner(fresh_nonce=True)) for number in range(CLIENTS)]
        await asyncio.gather(self._killing(moment), *(self._writing(client) for client in clients))

    async def _writing(self, client: WechatClient) -> None:
        """One message after another, each pushed until it is acknowledged."""
        for place, question in enumerate(QUESTIONS):
            message: dict[str, object] = {"MsgType": "text", "Content": question, "MsgId": f"{client.openid}{place}"}
            while not await self._taken(client, message):  # noqa: ASYNC110 - the platform does the same
                await asyncio.sleep(0.2)
            self.answered += 1
            async with self.moved:
                self.moved.notify_all()

    async def _taken(self, client: WechatClient, message: dict[str, object]) -> bool:
        client.follower.wrote(self.double.clock.now())
        return (await client.push(message)).statuses[-1] == 200

    async def _killing(self, moment: int) -> None:
        async with self.moved:
            await self.moved.wait_for(lambda: self.answered >= moment)
        await self.server.kill()
        if not self.url.startswith("sqlite"):
            absent(self.url)
        await self.server.start()


def absent(url: str) -> None:
    """The time until the next start goes by: other processes may have been alive until then."""
    engine = create_engine(normalise(url), poolclass=NullPool)
    with engine.begin() as connection:
        past = {"span": ABSENCE}
        connection.execute(text("UPDATE conversations SET lease_until = lease_until - :span"), past)
        connection.execute(text("UPDATE deliveries SET claimed_at = claimed_at - :span"), past)


async def test_a_killed_server_handles_every_message_once(ready_url: str, tmp_path: Path) -> None:
    moment = Random().randrange(5, CLIENTS * len(QUESTIONS) - 10)  # noqa: S311 - any will do
    async with running(WechatDouble(mode=Mode.PLAIN)) as double:
        server = Server(tmp_path, database(ready_url) | wechat_settings(double))
        double.hook = f"{server.root}/hooks/wechat"
        async with serving(server):
            await Burst(double, server, ready_url).run(moment)
            await until(ready_url, "SELECT count(*) FROM inbox WHERE state = 'handled'", CLIENTS * len(QUESTIONS))
            await until(ready_url, "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')", 0)
        check(double, ready_url, moment)


def check(double: WechatDouble, url: str, moment: int) -> None:
    """What the clients have got is what the database says they got; late replies may come merged in one message."""
    assert rows(url, "SELECT count(*) FROM inbox") == [(CLIENTS * len(QUESTIONS),)], moment
    said = rows(url, "SELECT address, text, state FROM deliveries ORDER BY inbox_id")
    assert len(said) == CLIENTS * len(QUESTIONS), moment
    assert not {str(row[2]) for row in said} - {"sent", "uncertain"}, moment
    for number in range(CLIENTS):
        address = f"oBurst{number:06}"
        got = "\n\n".join(said_in(entry) for entry in double.ledger.of(address) if entry.via != "notice")
        answers = [(str(row[1]), row[2]) for row in said if row[0] == address]
        assert not [answer for answer, _ in answers if got.count(answer) > 1], (moment, address)
        assert not [answer for answer, state in answers if state == "sent" and answer not in got], (moment, address)
        places = [got.index(answer) for answer, _ in answers if answer in got]
        assert places == sorted(places), (moment, address)


def said_in(entry: Entry) -> str:
    """What a client reads; options to tap stand below the words, as they do in the text of the row."""
    return "\n".join([entry.text, *(button.label for button in entry.parcel.buttons)])
