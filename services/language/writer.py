"""Asks the language model, within its time, with nobody's data, and gives nothing where it does not do as told."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from time import monotonic

from prometheus_client import Counter
from pydantic import BaseModel, ValidationError

from bot.errors import ModelFailed
from bot.vocabulary import Locale
from services import masking
from services.language.judging import Objection, objection
from services.wording import Wording
from storage import seeds

log = logging.getLogger(__name__)

CALLS = Counter("quanfu_language_model", "Calls of the language model by task and result", ["task", "result"])

SECONDS = 3.0
LONGEST_QUESTION = 200
"""Signs of a question that leave the house, and of one that comes back."""

Complete = Callable[[str, str], Awaitable[str]]
"""Instruction and text → what the model writes; ModelFailed."""


@dataclass(frozen=True)
class Source:
    """An approved entry, worded in the client's language."""

    entry_id: str
    question: str
    answer: str


class _Phrased(BaseModel):
    text: str
    ids: list[str]


@dataclass(frozen=True)
class Writer:
    """Which of its two tasks the model has is the branch's to say; the other is never asked for."""

    complete: Complete
    wording: Wording
    rewrites: bool = True
    phrases: bool = False
    seconds: float = SECONDS

    async def rewritten(self, question: str, locale: Locale, names: Sequence[str] = ()) -> str | None:
        """The question as an entry would word it; None where the model has no better words."""
        if not self.rewrites:
            return None
        asked = f"<question>{_unmarked(masked(question, names))[:LONGEST_QUESTION]}</question>"
        said = await self._said("rewrite", locale, asked)
        lines = (said or "").splitlines()
        return lines[0] if len(lines) == 1 and _usable(lines[0]) else None

    async def phrased(
        self, question: str, sources: Sequence[Source], locale: Locale, names: Sequence[str] = ()
    ) -> str | None:
        """An answer made of these entries only; None where the approved words are to be said as they are."""
        if not self.phrases:
            return None
        listed = "\n".join(f'<entry id="{one.entry_id}">{one.question}\n{one.answer}</entry>' for one in sources)
        words = _unmarked(masked(question, names))[:LONGEST_QUESTION]
        said = await self._said("phrase", locale, f"<entries>\n{listed}\n</entries>\n<question>{words}</question>")
        if said is None:
            return None
        against = self._objection(said, sources)
        if against:
            CALLS.labels(task="phrase", result=against.value).inc()
            log.info("language model: phrase: not said: %s", against.value)
            return None
        return _read(said).text.strip()

    def _objection(self, said: str, sources: Sequence[Source]) -> Objection | None:
        try:
            read = _read(said)
        except ValidationError:
            return Objection.SOURCE
        if not read.ids or not set(read.ids) <= {one.entry_id for one in sources}:
            return Objection.SOURCE
        used = [text for one in sources if one.entry_id in read.ids for text in (one.question, one.answer)]
        return objection(read.text, used, self.wording)

    async def _said(self, task: str, locale: Locale, text: str) -> str | None:
        """What the model says, each call with a line in the log; None where it fails or is late."""
        began, result = monotonic(), "answered"
        try:
            async with asyncio.timeout(self.seconds):
                return await self.complete(_told(task, locale), text)
        except TimeoutError:
            result = "late"
        except ModelFailed as error:
            result = "failed"
            log.warning("language model: %s", error)
        finally:
            CALLS.labels(task=task, result=result).inc()
            log.info("language model: %s: %s in %.2f s", task, result, monotonic() - began)
        return None


def masked(text: str, names: Sequence[str] = ()) -> str:
    """A client's words without numbers of seven digits and more, addresses, account names and names of persons."""
    for name in filter(None, names):
        text = text.replace(name, masking.MASK)
    text = masking.numbers(text)
    for pattern, instead in ((_patterns()[0], rf"\1{masking.MASK}"), (_patterns()[1], masking.MASK)):
        text = pattern.sub(instead, text)
    return text


def _unmarked(text: str) -> str:
    """Without signs that could end the place where a client's words stand."""
    return text.replace("<", " ").replace(">", " ")


def _read(said: str) -> _Phrased:
    """The object in what the model wrote, which may stand in a fence; ValidationError."""
    return _Phrased.model_validate_json(said[max(said.find("{"), 0) : said.rfind("}") + 1])


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    read = seeds.read("language.yaml")
    return re.compile(read["names"]), re.compile(read["handles"])


def _told(task: str, locale: Locale) -> str:
    instruction: str = seeds.read("language.yaml")[task][locale.value.replace("-", "_")]
    return instruction


def _usable(words: str) -> bool:
    nothing: list[str] = seeds.read("language.yaml")["nothing"]
    return len(words) <= LONGEST_QUESTION and words.strip(" .\u3002").lower() not in nothing
