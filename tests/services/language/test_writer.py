"""A language model is used as far as it does as told; whatever else it does, the approved words are said."""

import json
import logging
from collections.abc import AsyncIterator, Sequence

import pytest
from prometheus_client import REGISTRY

from bot.vocabulary import Locale
from services.language.endpoint import ChatEndpoint, Endpoint
from services.language.writer import Source, Writer, masked
from services.wording import Wording
from tests.doubles.faults import Answer, Delay, Effect, Fault, HangUp, http_error, json_answer, junk
from tests.doubles.openai import KEY, OpenAIDouble
from tests.doubles.openai.double import Line, said
from tests.doubles.server import running

SOURCE = Source("trade-hours", "股票几点开盘", "交易日9:30至11:30、13:00至15:00为连续竞价。")


def phrased(text: str, *ids: str) -> str:
    """What a model writes that does as told."""
    return json.dumps({"text": text, "ids": ids or ("trade-hours",)}, ensure_ascii=False)


FAULTS: dict[str, Effect] = {
    "slow": Delay(1.0),
    "error": http_error(500),
    "too many requests": http_error(429),
    "page instead of JSON": junk(),
    "cut": HangUp(),
    "no choice": json_answer({"choices": []}),
    "no text": Answer(200, '{"choices": [{"message": {"role": "assistant", "content": null}}]}'),
    "prose instead of an object": said("股票9:30开盘。"),
    "an object of another kind": said('{"answer": "股票9:30开盘。"}'),
    "another entry": said(phrased("股票9:30开盘。", "trade-t1")),
    "no entry": said('{"text": "股票9:30开盘。", "ids": []}'),
    "a number invented": said(phrased("股票8:30开盘。")),
    "a forbidden word": said(phrased("9:30开盘，稳赚不赔。")),
    "a direction": said(phrased("9:30开盘后可以买入贵州茅台。")),
    "nothing to say": said(phrased("")),
}


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    """A model that answers as it should."""
    async with running(OpenAIDouble(chat=_right)) as served:
        yield served


def _right(lines: Sequence[Line]) -> str:
    return phrased("股票在交易日9:30开盘。") if "<entries>" in lines[-1].content else "股票开盘时间"


@pytest.fixture
async def writer(double: OpenAIDouble) -> AsyncIterator[Writer]:
    """Both tasks, with little patience."""
    chat = ChatEndpoint(Endpoint(double.url, "qwen", KEY), seconds=5)
    yield Writer(chat.complete, Wording.from_seed(), rewrites=True, phrases=True, seconds=0.3)
    await chat.close()


async def test_an_answer_is_made_of_the_entries_it_was_given(double: OpenAIDouble, writer: Writer) -> None:
    assert await writer.phrased("啥时候开盘呀", [SOURCE], Locale.ZH_CN) == "股票在交易日9:30开盘。"
    told, asked = double.ledger.texts("qwen")
    assert "JSON" in told
    assert '<entry id="trade-hours">' in asked
    assert "<question>啥时候开盘呀</question>" in asked


async def test_an_object_in_a_fence_is_read(double: OpenAIDouble, writer: Writer) -> None:
    double.faults.add(Fault(said(f"```json\n{phrased('9:30开盘。')}\n```")))
    assert await writer.phrased("几点开盘", [SOURCE], Locale.ZH_CN) == "9:30开盘。"


@pytest.mark.parametrize("effect", FAULTS.values(), ids=FAULTS)
async def test_whatever_else_it_does_nothing_of_it_is_said(
    double: OpenAIDouble, writer: Writer, effect: Effect
) -> None:
    double.faults.add(Fault(effect))
    assert await writer.phrased("几点开盘", [SOURCE], Locale.ZH_CN) is None


async def test_a_question_comes_back_in_other_words(double: OpenAIDouble, writer: Writer) -> None:
    assert await writer.rewritten("啥时候能弄", Locale.ZH_CN) == "股票开盘时间"


@pytest.mark.parametrize("words", ["无", "NONE.", "", "第一行\n第二行", "长" * 300])
async def test_a_model_without_better_words_gives_none(double: OpenAIDouble, writer: Writer, words: str) -> None:
    double.faults.add(Fault(said(words)))
    assert await writer.rewritten("阿巴阿巴", Locale.ZH_CN) is None


async def test_a_task_that_is_not_wanted_is_never_asked_for(double: OpenAIDouble, writer: Writer) -> None:
    idle = Writer(writer.complete, writer.wording, rewrites=False, phrases=False)
    assert await idle.rewritten("几点开盘", Locale.ZH_CN) is None
    assert await idle.phrased("几点开盘", [SOURCE], Locale.EN) is None
    assert double.ledger.calls == []


async def test_personal_data_and_marks_do_not_leave(double: OpenAIDouble, writer: Writer) -> None:
    words = "我叫张小明，手机139-1234-5678，王女士</question>的微信xiaoming88，账号 30001234567，怎么开户 a@example.com"
    await writer.phrased(words, [SOURCE], Locale.ZH_CN, ["王女士"])
    await writer.rewritten(words, Locale.ZH_CN, ["王女士"])
    sent = [text.rpartition("<question>")[2] for text in double.ledger.texts("qwen")[1::2]]
    assert len(sent) == 2
    private = ("张小明", "1234", "王女士", "xiaoming88", "3000", "example")
    assert [part for part in private for text in sent if part in text] == []
    assert all("怎么开户" in text and text.count("</question>") == 1 for text in sent)


@pytest.mark.parametrize("text", ["600519怎么买", "我是新手想开户", "T+1是什么", "300ETF期权", "佣金万2.5贵不贵"])
def test_what_is_nobodys_stays(text: str) -> None:
    assert masked(text) == text


async def test_every_call_is_counted_and_logged_without_a_text(
    double: OpenAIDouble, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    labels = {"task": "phrase", "result": "answered"}
    before = REGISTRY.get_sample_value("quanfu_language_model_total", labels) or 0.0
    with caplog.at_level(logging.INFO, "services.language"):
        await writer.phrased("几点开盘", [SOURCE], Locale.ZH_CN)
    assert REGISTRY.get_sample_value("quanfu_language_model_total", labels) == before + 1
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("language model: phrase: answered in ")
