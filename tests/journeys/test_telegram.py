"""Clients write on Telegram: to a bot that asks for its updates, and to one that is called."""

from dataclasses import dataclass

import httpx
import pytest

from tests.doubles.loopback import loopback_client
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram.client import TelegramClient
from tests.journeys.closecall import close_call
from tests.journeys.conftest import SECRET_TOKEN, Branch, numbers
from tests.journeys.process import rows, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENCE = 30.0


@dataclass(frozen=True)
class Chat:
    """Somebody on Telegram, and what they have been told."""

    double: TelegramDouble
    client: TelegramClient

    async def told(self, count: int) -> str:
        """The last of so many texts."""
        return (await self.double.ledger.arrived(self.client.chat_id, count, PATIENCE))[-1].text

    @property
    def buttons(self) -> list[str]:
        """The labels under the last text."""
        return [button.label for button in self.double.ledger.of(self.client.chat_id)[-1].buttons]


@pytest.fixture(params=["polled", "hooked"])
def chat(request: pytest.FixtureRequest, branch: Branch) -> Chat:
    """A new client of a bot that asks, and of one that is called."""
    double: TelegramDouble = getattr(branch, request.param)
    return Chat(double, double.client(70_000_000_000 + next(numbers)))


async def test_a_new_client_is_welcomed_and_asks(chat: Chat) -> None:
    chat.client.start()
    assert "您好" in await chat.told(1)
    assert "转人工" in chat.buttons
    chat.client.say("股票几点开盘")
    assert (await chat.told(2)).startswith("交易日9:15—9:25开盘集合竞价")


async def test_a_question_is_picked_by_its_button(chat: Chat) -> None:
    words, questions, beginnings = close_call()
    chat.client.say(words)
    await chat.told(1)
    assert chat.buttons == [*questions, "都不是"]
    chat.client.press(questions[1])
    assert (await chat.told(2)).startswith(beginnings[1])
    assert len(chat.double.ledger.of(chat.client.chat_id)) == 2


async def test_english_is_answered_in_english(chat: Chat) -> None:
    chat.client.say("What time does the market open?")
    assert (await chat.told(1)).startswith("On trading days")


async def test_who_blocks_the_bot_is_known_to_be_gone_and_may_come_back(chat: Chat, branch: Branch) -> None:
    chat.client.say("菜单")
    await chat.told(1)
    chat.client.block()
    gone = "SELECT count(*) FROM chat_accounts WHERE address = :address AND gone_at IS NOT NULL"
    await until(branch.url, gone, 1, address=str(chat.client.chat_id))
    chat.client.unblock()
    chat.client.say("股票几点开盘")
    assert "9:15" in (await chat.told(2)) or "9:15" in (await chat.told(3))
    assert rows(branch.url, gone, address=str(chat.client.chat_id)) == [(0,)]


@pytest.mark.parametrize("secret", [None, "another-secret"])
async def test_a_call_without_the_secret_is_refused(branch: Branch, secret: str | None) -> None:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    before = rows(branch.url, "SELECT count(*) FROM inbox")
    async with loopback_client(branch.server.root) as http:
        answer = await http.post("/hooks/telegram/hooked", json=update(), headers=headers)
    assert answer.status_code == 403
    assert rows(branch.url, "SELECT count(*) FROM inbox") == before


async def test_an_update_that_comes_twice_is_answered_once(branch: Branch) -> None:
    told = update()
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET_TOKEN}
    chat_id = told["message"]["chat"]["id"]  # type: ignore[index]
    branch.hooked.client(chat_id).chat.started = True
    async with loopback_client(branch.server.root) as http:
        answers: list[httpx.Response] = [
            await http.post("/hooks/telegram/hooked", json=told, headers=headers) for _ in range(3)
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    await branch.hooked.ledger.arrived(chat_id, 1, PATIENCE)
    said = "SELECT count(*) FROM deliveries WHERE address = :address"
    assert rows(branch.url, said, address=str(chat_id)) == [(1,)]


def update() -> dict[str, object]:
    """As Telegram would call us."""
    number = next(numbers)
    person = {"id": 71_000_000_000 + number, "is_bot": False, "first_name": "J"}
    chat = {"id": person["id"], "type": "private", "first_name": "J"}
    message = {"message_id": number, "date": 1_790_000_000, "from": person, "chat": chat, "text": "股票几点开盘"}
    return {"update_id": 5_000_000 + number, "message": message}
