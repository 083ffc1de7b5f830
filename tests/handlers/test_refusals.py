"""What is never answered, whoever asks. Nothing is written, so one kind of database is enough."""

import pytest

from bot.vocabulary import Locale
from services.knowledge.outcome import Finding, Outcome, Refusal
from tests.handlers.rig import Branch


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("600519能买吗", "refusal_stock_advice"),
        ("有没有内幕消息", "refusal_inside_info"),
        ("帮我查一下我老婆的账户", "refusal_other_person"),
        ("我的密码是123456帮我登录", "refusal_secret_request"),
    ],
)
async def test_what_is_never_answered_is_refused_with_a_way_to_a_person(branch: Branch, text: str, key: str) -> None:
    chat = await branch.chat()
    said = await chat.say(text)
    assert said.keys == [key]
    assert said.options[-1] == "person"


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("reason", list(Refusal))
async def test_every_reason_has_its_words(branch: Branch, reason: Refusal, locale: Locale) -> None:
    chat = await branch.chat(locale=locale)
    said = await chat.say("?", finding=Finding(Outcome.REFUSED, reason=reason.value))
    assert said.keys == [f"refusal_{reason}"]
    assert "person" in said.options
