"""What leads somewhere in what is said can be tapped; what the client wrote stays as it was written."""

import re
from datetime import UTC, datetime

import pytest

from bot.vocabulary import Locale
from bot.webchat.view import Branch, Bubble, Uploads, View
from bot.webchat.words import load

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SAID = "您好 <b>\n一分钟看懂可转债 https://branch.example/1?a=1&b=2\n详见 https://branch.example/2。"
SAFE = 'target="_blank" rel="noopener noreferrer"'
WRITTEN = SAID.replace("<b>", "&lt;b&gt;").replace("&b", "&amp;b")
SHOWN = (
    f'您好 &lt;b&gt;\n<a href="https://branch.example/1?a=1&amp;b=2" {SAFE} class="card">一分钟看懂可转债</a>\n'
    f'详见 <a href="https://branch.example/2" {SAFE}>https://branch.example/2</a>。'
)


@pytest.mark.parametrize(("mine", "shown"), [(False, SHOWN), (True, WRITTEN)])
def test_addresses_in_what_is_said(mine: bool, shown: str) -> None:
    view = View(Branch({Locale.ZH_CN: "示例"}), Uploads(1, ()))
    bubble = Bubble(mine, "1", "客服", NOON, "12:00", SAID)
    drawn = view.templates.get_template("one_line.html").render(bubble=bubble, words=load()[Locale.ZH_CN])
    [text] = re.findall('<div class="text">(.*?)</div>', drawn, re.S)
    assert text == shown
