"""Questions and what comes back."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.messages import Incoming, ShownOption
from bot.vocabulary import ChannelKind, Locale, MessageKind
from services.knowledge.outcome import Finding, Outcome, Scored
from storage.models import MissRow
from storage.repositories.votes import Ballot, Tally, by_entry
from storage.unit import Unit
from tests.handlers.rig import Branch

CLOSE = Finding(Outcome.CANDIDATES, (Scored("bank-transfer-time", 0.4), Scored("bank-transfer-limit", 0.35)))
NOTHING = Finding(Outcome.UNKNOWN)


def votes(unit: Unit) -> dict[str, Tally]:
    return by_entry(unit, Ballot(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)))


def misses(unit: Unit) -> list[tuple[str, str]]:
    return [(row.question, row.outcome) for row in unit.session.scalars(select(MissRow).order_by(MissRow.id))]


async def test_a_question_gets_the_approved_answer_with_its_notice(branch: Branch) -> None:
    chat = await branch.chat()
    said = await chat.say("股票几点开盘")
    assert said.keys == ["answer"]
    assert "9:30" in str(said)
    assert "风险" in str(said)
    assert said.options == ["useful:trade-hours", "useless:trade-hours"]


async def test_where_no_buttons_are_drawn_an_answer_carries_no_list(branch: Branch) -> None:
    chat = await branch.chat(ChannelKind.WECHAT)
    assert (await chat.say("股票几点开盘")).options == []


async def test_an_english_question_gets_the_english_answer_or_a_line_that_there_is_none(branch: Branch) -> None:
    chat = await branch.chat(locale=Locale.EN)
    entries = branch.services.knowledge.entries
    for name, entry in entries.items():
        chat.options = []
        said = await chat.send(Incoming(chat.addressee, f"e-{name}", MessageKind.CHOICE, choice=f"faq:{name}"))
        assert said.keys == (["answer"] if entry.answer_en else ["answer_untranslated"])
        assert (entry.answer_en or entry.answer) in str(said)


async def test_no_released_answer_is_kept_back_by_the_word_list(branch: Branch) -> None:
    chat = await branch.chat()
    for name, entry in branch.services.knowledge.entries.items():
        said = await chat.send(Incoming(chat.addressee, f"z-{name}", MessageKind.CHOICE, choice=f"faq:{name}"))
        assert entry.answer in str(said)


async def test_a_close_call_offers_candidates_and_a_way_out(branch: Branch) -> None:
    chat = await branch.chat()
    said = await chat.say("转账", finding=CLOSE)
    assert said.keys == ["question_candidates"]
    assert said.options == ["faq:bank-transfer-time", "faq:bank-transfer-limit", "none"]
    assert (await chat.pick("faq:bank-transfer-time")).keys == ["answer"]


async def test_none_of_the_candidates_is_kept_for_the_curators(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("怎么转账呀", finding=CLOSE)
    assert (await chat.pick("none")).keys == ["question_further"]
    said = await chat.pick("none")
    assert said.keys == ["question_unknown_again"]
    assert said.options[0] == "person"
    assert await branch.read(misses) == [("怎么转账呀", "none")] * 2


async def test_a_second_miss_in_a_row_offers_a_person_first(branch: Branch) -> None:
    chat = await branch.chat()
    first, second = await chat.say("阿巴阿巴", finding=NOTHING), await chat.say("嗷呜嗷呜", finding=NOTHING)
    assert (first.keys, second.keys) == (["question_unknown"], ["question_unknown_again"])
    assert second.options[0] == "person"
    assert await branch.read(misses) == [("阿巴阿巴", "unknown"), ("嗷呜嗷呜", "unknown")]
    await chat.say("股票几点开盘")
    assert (await chat.say("阿巴阿巴", finding=NOTHING)).keys == ["question_unknown"]


async def test_an_answer_that_did_not_help_is_kept_for_the_curators(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("股票几点开盘")
    assert (await chat.pick("useless:trade-hours")).keys == ["question_thanks_feedback"]
    assert await branch.read(misses) == [("股票几点开盘", "useless")]
    nearest = await branch.read(lambda unit: unit.session.scalars(select(MissRow.nearest)).all())
    assert list(nearest) == ["trade-hours"]


async def test_an_answer_picked_from_candidates_is_judged_by_the_question_that_led_to_them(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("转账", finding=CLOSE)
    await chat.pick("faq:bank-transfer-time")
    await chat.pick("useless:bank-transfer-time")
    assert await branch.read(misses) == [("转账", "useless")]


async def test_a_vote_is_kept_and_a_later_one_takes_its_place(branch: Branch) -> None:
    first, second = await branch.chat(), await branch.chat()
    for chat in (first, second):
        offered = (await chat.say("股票几点开盘")).options
        assert offered == ["useful:trade-hours", "useless:trade-hours"]
        assert (await chat.pick("useful:trade-hours")).keys == ["question_thanks_feedback"]
    assert await branch.read(votes) == {"trade-hours": Tally(2, 0)}
    await first.say("股票几点开盘")
    await first.pick("useless:trade-hours")
    assert await branch.read(votes) == {"trade-hours": Tally(1, 1)}


async def test_a_vote_on_an_entry_that_is_gone_says_so(branch: Branch) -> None:
    chat = await branch.chat()
    chat.options = [ShownOption("useful:gone", "有帮助")]
    assert (await chat.pick("useful:gone")).keys == ["option_stale"]
    assert await branch.read(votes) == {}


@pytest.mark.parametrize(
    ("finding", "kind", "entry_id"),
    [
        (CLOSE, "candidates", "bank-transfer-time"),
        (Finding(Outcome.CLARIFY, CLOSE.entries), "clarify", "bank-transfer-time"),
        (NOTHING, "unknown", None),
        (Finding(Outcome.REFUSED, reason="stock_advice"), "refused", None),
        (Finding(Outcome.ANSWERED, (Scored("trade-hours", 0.9),)), "answered", "trade-hours"),
    ],
)
async def test_replies_say_what_they_made_of_a_question(
    branch: Branch, finding: Finding, kind: str, entry_id: str | None
) -> None:
    said = await (await branch.chat()).say("转账", finding=finding)
    assert [(reply.kind, reply.entry_id) for reply in said.replies] == [(kind, entry_id)]


async def test_a_long_text_that_nobody_understands_is_asked_for_in_parts(branch: Branch) -> None:
    chat = await branch.chat()
    assert (await chat.say("嘟" * 100_000, finding=NOTHING)).keys == ["message_too_long"]
    ((question, _),) = await branch.read(misses)
    assert len(question) == 500


async def test_a_question_that_is_not_clear_is_asked_back(branch: Branch) -> None:
    chat = await branch.chat()
    said = await chat.say("转账", finding=Finding(Outcome.CLARIFY, CLOSE.entries))
    assert (said.keys, said.options[-1]) == (["question_clarify"], "none")
