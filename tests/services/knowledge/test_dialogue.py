"""Messages that lean on what was said before them, and messages that hold several questions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Topic
from bot.vocabulary import Locale
from services.knowledge import dialogue
from services.knowledge.evaluate import read_questions
from services.knowledge.outcome import THANKS, Finding, Outcome
from tests.packaged import knowledge

HERE = Path(__file__).parent
BOARDS = ("trade-limit-main", "trade-limit-gem", "trade-limit-bse")
OPENING = Topic("怎么开户", ("acct-open-how",), given=True)


@dataclass(frozen=True)
class Pair:
    """Two messages in a row, and what the second is about."""

    first: str
    second: str
    wanted: Sequence[str]

    def right(self, found: Finding, alone: Finding) -> bool:
        """Whether it was understood."""
        if found.outcome is Outcome.RELATED or "RELATED" in self.wanted:
            return found.outcome is Outcome.RELATED and "RELATED" in self.wanted
        first = found.entries[0].entry_id if found.entries else found.outcome.value.upper()
        return first in self.wanted or ("ALONE" in self.wanted and found == alone)

    def shown(self, found: Finding) -> bool:
        """Whether a right entry is among those shown."""
        return found.outcome is not Outcome.RELATED and any(each.entry_id in self.wanted for each in found.entries)


def pairs(half: str) -> list[Pair]:
    """One half of the development file."""
    listed = yaml.safe_load((HERE / "dialogues.yaml").read_text("utf-8"))[half]
    return [Pair(first, second, wanted.split("|")) for first, second, wanted in listed]


def find(text: str, topic: Topic | None = None) -> Finding:
    return dialogue.find(knowledge(), text, Locale.ZH_CN, topic)


def after(found: Finding, text: str) -> Topic | None:
    """The topic that a message leaves behind."""
    names = tuple(scored.entry_id for scored in found.entries)
    given = found.outcome is Outcome.ANSWERED
    return Topic(text, names[:1] if given else names, given) if names else None


def judged(half: str) -> Iterator[tuple[Pair, bool, Finding]]:
    for pair in pairs(half):
        found = find(pair.second, after(find(pair.first), pair.first))
        yield pair, pair.right(found, find(pair.second)), found


@pytest.mark.parametrize(
    ("half", "right", "shown", "wrong"), [("tune", 0.92, 0.97, 0.04), ("measure", 0.88, 0.96, 0.09)]
)
def test_what_leans_on_the_last_answer_is_understood(half: str, right: float, shown: float, wrong: float) -> None:
    each = list(judged(half))
    assert len(each) >= 120
    assert sum(ok for _, ok, _ in each) / len(each) >= right
    assert sum(ok or pair.shown(found) for pair, ok, found in each) / len(each) >= shown
    mistaken = sum(found.outcome is Outcome.ANSWERED and not ok for _, ok, found in each)
    assert mistaken / len(each) <= wrong


def test_a_complete_question_is_found_whatever_was_spoken_of_before() -> None:
    questions = [q for q in read_questions(HERE / "questions_dev.tsv") if q.answerable]
    names = sorted(knowledge().entries)
    lost = 0
    for number, question in enumerate(questions):
        name = names[number * 37 % len(names)]
        topic = Topic(knowledge().entry(name).question, (name,), given=True)
        alone, found = find(question.text), find(question.text, topic)
        lost += _right(alone, question.expected) and not _right(found, question.expected)
    assert lost / len(questions) <= 0.02


def _right(found: Finding, expected: frozenset[str]) -> bool:
    return bool(found.entries) and found.entries[0].entry_id in expected


@pytest.mark.parametrize(
    ("text", "asked", "listed", "wanted"),
    [
        ("主板", "涨跌幅多少", BOARDS, "trade-limit-main"),
        ("创业板的", "涨跌幅多少", BOARDS, "trade-limit-gem"),
        ("我说的是主板", "涨跌幅多少", BOARDS, "trade-limit-main"),
        ("北交所", "涨跌幅多少", BOARDS[:2], "trade-limit-bse"),
        ("main board", "price limit", BOARDS, "trade-limit-main"),
        ("转出", "转账怎么弄", ("bank-transfer-in", "bank-transfer-out"), "bank-transfer-out"),
        ("从银行转进来", "转账怎么弄", ("bank-transfer-in", "bank-transfer-out"), "bank-transfer-in"),
        ("深市的", "股票转走", ("acct-transfer-sh", "acct-transfer-sz"), "acct-transfer-sz"),
        ("客服的", "几点开门", ("branch-hours", "svc-hours", "trade-hours"), "svc-hours"),
        ("登录的", "密码忘了", ("pwd-reset", "pwd-fund-reset"), "pwd-reset"),
        ("第二个", "权限怎么开", ("perm-gem", "perm-star", "perm-hk"), "perm-star"),
        ("最后一个吧", "权限怎么开", ("perm-gem", "perm-star", "perm-hk"), "perm-hk"),
        ("the first one", "权限怎么开", ("perm-gem", "perm-star", "perm-hk"), "perm-gem"),
        ("印花税怎么收", "权限怎么开", ("perm-gem", "perm-star", "perm-hk"), "fee-stamp"),
    ],
)
def test_a_list_is_answered_in_words(text: str, asked: str, listed: tuple[str, ...], wanted: str) -> None:
    found = find(text, Topic(asked, listed, given=False))
    assert (found.outcome, found.entries[0].entry_id) == (Outcome.ANSWERED, wanted)


def test_a_place_that_the_list_has_not_picks_nothing_of_it() -> None:
    listed = Topic("权限怎么开", ("perm-gem", "perm-star"), given=False)
    assert find("第三个", listed) == find("第三个")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("怎么开户 佣金多少", ["acct-open-how", "fee-commission"]),
        ("怎么开户？怎么销户？", ["acct-open-how", "acct-close-how"]),
        ("开户要什么证件另外多久能用", ["acct-open-docs", "acct-open-time"]),
        ("开户要带什么和多久能办好", ["acct-open-docs", "acct-open-time"]),
        ("印花税怎么收，过户费呢", ["fee-stamp", "fee-transfer"]),
        ("你好，请问怎么开户？还有创业板怎么开通", ["acct-open-how", "perm-gem"]),
        ("怎么打新 中签了怎么缴款 什么时候能卖", ["ipo-how", "ipo-pay", "ipo-sell"]),
        ("How do I open an account? What documents do I need?", ["acct-open-how", "acct-open-docs"]),
    ],
)
def test_several_questions_get_an_answer_each(text: str, wanted: list[str]) -> None:
    found = find(text)
    assert found.several
    assert [scored.entry_id for scored in found.entries] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "身份证过期了，怎么更新",
        "密码忘了 登不上去",
        "我昨天转账没到账 怎么办",
        "怎么开户？怎么开户呀",
        "怎么开户、怎么绑定银行卡、怎么入金、怎么买股票",
        "我在你们这里开了户，" * 20 + "怎么销户？佣金多少？",
    ],
)
def test_one_question_is_not_taken_apart(text: str) -> None:
    found = find(text)
    assert not found.several
    assert found == knowledge().find(text, Locale.ZH_CN)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("怎么开户？推荐只股票", Outcome.REFUSED),
        ("佣金多少？我要投诉你们", Outcome.COMPLAINT),
        ("怎么开户。转人工", Outcome.PERSON),
        ("怎么开户 我不想活了", Outcome.CRISIS),
    ],
)
def test_a_part_that_is_no_question_decides(text: str, outcome: Outcome) -> None:
    assert find(text).outcome is outcome
    assert find(text, OPENING).outcome is outcome


@pytest.mark.parametrize("text", ["你家狗几岁了呀", "晚上吃什么", "附近哪里好玩", "今天几度"])
def test_small_talk_gets_no_certain_answer_from_what_was_said_before(text: str) -> None:
    assert find(text).outcome is Outcome.REFUSED
    assert find(text, OPENING).outcome in (Outcome.REFUSED, Outcome.CANDIDATES)


def test_what_comes_next_are_the_related_questions() -> None:
    found = find("然后呢", OPENING)
    assert found.outcome is Outcome.RELATED
    assert [scored.entry_id for scored in found.entries] == ["acct-open-docs", "acct-open-time", "bank-bind"]


@pytest.mark.parametrize("text", ["那五粮液呢", "那明天呢", "下周呢"])
def test_what_was_refused_is_refused_for_another_name_too(text: str) -> None:
    refused = Topic("茅台能买吗", (), given=False)
    assert find(text, refused) == Finding(Outcome.REFUSED, reason="stock_advice")
    assert find("股票几点开盘", refused) == find("股票几点开盘")
    assert find("好吧", refused) == Finding(Outcome.GREETING, reason=THANKS)


def test_a_topic_that_was_retired_meanwhile_is_none() -> None:
    gone = Topic("怎么开户", ("no-such-entry",), given=True)
    assert find("要多少钱", gone) == find("要多少钱")


@given(
    st.text(max_size=40) | st.text("那呢怎么开户创业板多少钱？ 另外，第一个abc1", max_size=20),
    st.sampled_from([None, OPENING, Topic("涨跌幅", BOARDS, given=False), Topic("", ("gone",), given=True)]),
)
def test_every_text_has_an_outcome(text: str, topic: Topic | None) -> None:
    found = find(text, topic)
    assert found.outcome in Outcome
    assert {scored.entry_id for scored in found.entries} <= knowledge().entries.keys()


def test_a_question_in_an_entry_s_own_words_stands_for_itself_whatever_was_spoken_of() -> None:
    base = knowledge()
    entries = list(base.entries.values())
    changed = []
    for place, entry in enumerate(entries):
        before = entries[(place + 50) % len(entries)]
        topic = Topic(before.question, (before.entry_id,), given=True, shown=(before.entry_id,))
        alone = base.find(entry.question, Locale.ZH_CN)
        together = dialogue.find(base, entry.question, Locale.ZH_CN, topic)
        if alone.outcome is Outcome.ANSWERED and together.entries != alone.entries:
            changed.append(entry.entry_id)
    assert changed == []


LINES = {
    "客户忘记交易密码，已指导重置": "pwd-reset",
    "客户想销户，已告知流程": "acct-close-how",
    "Explained how to open a ChiNext permission": "perm-gem",
    "客户已转出": None,
    "客户投诉佣金过高，已登记": None,
    "那只股票要不要卖": None,
}


@pytest.mark.parametrize(("line", "entry"), LINES.items())
def test_a_line_that_hands_back_is_about_an_entry_or_nothing(line: str, entry: str | None) -> None:
    topic = dialogue.handed(knowledge(), line)
    assert topic == (Topic(line, (entry,), given=True, handed=True) if entry else None)


def test_what_only_a_person_s_line_tells_is_offered_not_answered() -> None:
    topic = dialogue.handed(knowledge(), "客户忘记交易密码，已指导重置")
    assert "pwd-reset" not in {entry.entry_id for entry in find("多久能办好").entries}
    found = find("多久能办好", topic)
    assert (found.outcome, found.entries[0].entry_id) == (Outcome.CANDIDATES, "pwd-reset")


@pytest.mark.parametrize("text", ["不是这个", "佣金是多少", "我要投诉", "转人工", "好的", "谢谢"])
def test_a_person_s_line_changes_nothing_that_stands_by_itself(text: str) -> None:
    topic = dialogue.handed(knowledge(), "客户忘记交易密码，已指导重置")
    thanked = Finding(Outcome.GREETING, reason=THANKS)
    assert find(text, topic) in (find(text), thanked)


def test_what_asks_plainly_for_something_else_is_not_bent_to_the_list() -> None:
    listed = Topic("创业板需要多少市值 额度怎么算", ("perm-gem", "ipo-quota", "ipo-how"), given=False)
    found = find("中了咋办", listed)
    assert (found.outcome, found.entries[0].entry_id) == (Outcome.ANSWERED, "ipo-pay")


def test_what_is_like_nothing_by_itself_is_about_what_was_answered() -> None:
    answered = Topic("我爸去世了 他的股票怎么办", ("acct-inherit",), given=True)
    assert find("几个人要到场").outcome is Outcome.CANDIDATES
    found = find("几个人要到场", answered)
    assert (found.outcome, found.entries[0].entry_id) == (Outcome.ANSWERED, "acct-inherit")


@pytest.mark.parametrize("text", ["重装了还不行", "不对 我问的是印花税"])
def test_who_only_says_that_it_did_not_help_does_not_complain(text: str) -> None:
    answered = Topic("app登不上", ("app-login-fail",), given=True)
    assert find(text, answered).outcome is not Outcome.COMPLAINT
