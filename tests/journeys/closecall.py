"""A question to which more than one approved entry may be meant, as the packaged knowledge base sees it now."""

from functools import cache

from bot.vocabulary import Locale
from services.knowledge.outcome import Outcome
from tests import packaged

VAGUE = ("融资融券", "可转债", "港股", "股票", "中签", "转账", "销户", "ETF", "担保比例", "分红", "户头", "行情软件")


@cache
def close_call() -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The words, the questions offered for them, and how the answers to those begin."""
    knowledge = packaged.knowledge()
    for words in VAGUE:
        finding = knowledge.find(words, Locale.ZH_CN)
        if finding.outcome is Outcome.CANDIDATES and len(finding.entries) > 1:
            entries = [knowledge.entry(scored.entry_id) for scored in finding.entries]
            return words, tuple(one.question for one in entries), tuple(one.answer[:12] for one in entries)
    raise LookupError("no question is a close call any more: choose others")
