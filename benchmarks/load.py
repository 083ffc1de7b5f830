"""The load on a WeChat callback, in a process of its own.

`python -m benchmarks.load PORT PATH AUDIENCE MODE PACE NUMBER` sends NUMBER messages and prints one line of JSON.
AUDIENCE says what a right answer is and what is asked: `us` (the same questions again and again), `us-anew` (each text
once) or `echo`. MODE: `plain` or `safe`. PACE: `50/s` is messages at fixed instants whatever the server does (open
loop: a late answer does not delay the next question), `16` is so many connections that ask as fast as answered.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import perf_counter

import uvloop

from benchmarks.figures import at
from benchmarks.pushes import Push, anew, asked_of_an_echo, asked_of_us, pushes, said

PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to send where."""

    port: int
    path: str
    audience: str
    mode: str
    pace: str
    number: int

    @property
    def rate(self) -> float:
        """Messages a second in an open loop; 0 where connections ask as fast as they are answered."""
        return float(self.pace.removesuffix("/s")) if self.pace.endswith("/s") else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Messages a second, and milliseconds from when a message was due to the end of its answer.

    `late` counts messages without an answer in their own request, `wrong` those with another's.
    """

    per_second: float
    p50: float
    p99: float
    late: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many seconds."""

    body: bytes
    seconds: float


async def ask(port: int, push: Push, due: float) -> Answer:
    """One message over a fresh connection."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(push.request)
            body = await reader.read(-1)
            writer.close()
    except (OSError, TimeoutError):
        body = b""
    return Answer(body, perf_counter() - due)


async def as_fast_as_answered(order: Order, given: Sequence[Push]) -> list[Answer]:
    """So many connections, each asking again as soon as it is answered."""
    waiting, answers = iter(enumerate(given)), dict[int, Answer]()

    async def lane() -> None:
        for place, push in waiting:
            answers[place] = await ask(order.port, push, perf_counter())

    await asyncio.gather(*(lane() for _ in range(int(order.pace))))
    return [answers[place] for place in range(len(given))]


async def at_fixed_instants(order: Order, given: Sequence[Push]) -> list[Answer]:
    """Each message at its instant; its waiting counts from then on."""
    start = perf_counter()

    async def one(place: int, push: Push) -> Answer:
        due = start + place / order.rate
        await asyncio.sleep(due - perf_counter())
        return await ask(order.port, push, due)

    return await asyncio.gather(*(one(place, push) for place, push in enumerate(given)))


def measure(order: Order) -> Figures:
    """Build all, send all, then look at the answers."""
    questions = asked_of_an_echo() if order.audience == "echo" else asked_of_us()
    if order.audience == "us-anew":
        questions = anew(questions, order.number)
    safe = order.mode == "safe"
    given = pushes(order.path, questions, order.number, safe=safe)
    send = at_fixed_instants if order.rate else as_fast_as_answered
    start = perf_counter()
    answers = uvloop.run(send(order, given))
    took = perf_counter() - start
    texts = [said(answer.body, safe=safe) for answer in answers]
    wrong = sum(push.expected not in text for push, text in zip(given, texts, strict=True) if text)
    waited = [answer.seconds for answer in answers]
    return Figures(
        per_second=round(len(given) / took, 1),
        p50=at(waited, 50),
        p99=at(waited, 99),
        late=texts.count(""),
        wrong=wrong,
    )


def main(port: str, path: str, audience: str, mode: str, pace: str, number: str) -> None:
    """Measure and print."""
    order = Order(int(port), path, audience, mode, pace, int(number))
    print(json.dumps(asdict(measure(order))))


if __name__ == "__main__":
    main(*sys.argv[1:])
