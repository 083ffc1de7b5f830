"""Which words of a text lead somewhere, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.links import carded, foreign, pieces
from bot.messages import Card

URL = "https://branch.example/lesson?id=3"
CARD = Card("一分钟看懂可转债", URL)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (f"投资者您好\n\n一分钟看懂可转债 {URL}\n\n市场有风险", "投资者您好\n\n市场有风险"),
        (f"投资者您好\n一分钟看懂可转债： {URL}", "投资者您好"),
        (f"一分钟看懂可转债\u3000{URL}\n投资者您好", "投资者您好"),
    ],
)
def test_a_title_and_its_address_on_a_line_are_a_card(text: str, rest: str) -> None:
    assert carded(text) == (rest, CARD)


@pytest.mark.parametrize(
    "text",
    [
        f"一分钟看懂可转债 {URL}",
        f"您好\n{URL}",
        f"您好\n详见 {URL} 的说明",
        "您好\n可转债 http://branch.example/1",
        "您好\n可转债 https://branch.example@evil.example/1",
        f"您好\nhttps://bank.example {URL}",
        f"您好\n{'长' * 41} {URL}",
    ],
)
def test_anything_else_stays_text(text: str) -> None:
    assert carded(text) == (text, None)


def test_only_the_first_line_is_a_card() -> None:
    rest, card = carded(f"您好\n一分钟看懂可转债 {URL}\n其二 {URL}")
    assert (rest, card) == (f"您好\n其二 {URL}", CARD)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"看 {URL}。", None),
        ("看https://m.branch.example/1,谢谢", None),
        ("看 https://branch.example.", None),
        ("没有链接", None),
        ("http://branch.example", "http://branch.example"),
        ("HTTPS://evil.example/1", "HTTPS://evil.example/1"),
        ("https://notbranch.example/", "https://notbranch.example/"),
        ("https://branch.example.evil.example", "https://branch.example.evil.example"),
        ("https://evil.example\\@branch.example", "https://evil.example\\@branch.example"),
        ("https://branch.example:x@evil.example", "https://branch.example:x@evil.example"),
        ("www.branch.example", "www.branch.example"),
        ("https://例.example", "https://"),
    ],
)
def test_an_address_leads_to_a_host_of_ours_or_below(text: str, found: str | None) -> None:
    assert foreign(text, {"branch.example"}) == found


def test_without_hosts_of_ours_any_address_does_that_is_https() -> None:
    assert foreign("https://a.example http://b.example", ()) == "http://b.example"


def test_pieces_name_what_leads_somewhere() -> None:
    text = f"看 {URL}。\n一分钟看懂可转债 {URL}\n好"
    assert list(pieces(text)) == ["看 ", Card(URL, URL), "。\n", CARD, "\n好"]


@given(st.lists(st.sampled_from(["您好", " ", "\n", URL, "标题", "：", "https://", "<", "。"])).map("".join))
def test_nothing_is_lost(text: str) -> None:
    shown = [piece if isinstance(piece, str) else piece.url for piece in pieces(text)]
    assert "".join("".join(shown).split()).count(URL) == "".join(text.split()).count(URL)
    rest, card = carded(text)
    assert rest == text or (card is not None and rest and card.url not in rest.splitlines())
