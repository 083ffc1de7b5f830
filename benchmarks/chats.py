"""Clients at the chat page, in a process of their own.

`python -m benchmarks.chats PORT PID` connects many pages, asks at fixed instants and prints a line of JSON.
"""

import asyncio
import html
import json
import re
import secrets
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter
from urllib.parse import urlencode

import uvloop

from benchmarks.figures import at
from benchmarks.pushes import Question, asked_of_us
from benchmarks.servers import Running

CLIENTS = 500
AT_ONCE = 8
"""Pages that connect side by side."""
RATE = 25.0
"""Messages a second while all are connected."""
MESSAGES = 200
PATIENCE = 30.0

_COOKIE = re.compile(rb"set-cookie: (quanfu_visitor=[^;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figures:
    """MB the server held with one client and with all connected; milliseconds from a message's instant to its answer's
    event on the stream, and to the answer in the response.
    """

    clients: int
    rate: float
    before: float
    connected: float
    event_p50: float
    event_p99: float
    response_p50: float
    response_p99: float


@dataclass(eq=False)
class Client:
    """One open page."""

    port: int
    cookie: str = ""
    events: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    reading: "asyncio.Task[None] | None" = None
    writer: asyncio.StreamWriter | None = None

    async def open(self, first: Question) -> None:
        """Load the page, ask once, and listen to the stream until its answer has come."""
        head, _ = await self.request("GET", "/")
        found = _COOKIE.search(head)
        assert found is not None
        self.cookie = found[1].decode()
        await self.ask(first)
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(self._head("GET", "/chat/stream", 0).encode())
        self.reading = asyncio.create_task(self._read(reader))
        await self.heard(first)

    async def ask(self, question: Question) -> None:
        """Send a message; over when its response is there."""
        body = urlencode({"id": secrets.token_hex(12), "text": question.text}).encode()
        head, _ = await self.request("POST", "/chat/messages", body)
        assert head.startswith(b"HTTP/1.1 200"), head

    async def heard(self, question: Question) -> bool:
        """Wait for the answer's event; whether it is the right one."""
        async with asyncio.timeout(PATIENCE):
            return beginning(question) in html.unescape(await self.events.get())

    def forget(self) -> None:
        """Leave out what came until now: some questions get a second line, how to bind an account."""
        while not self.events.empty():
            self.events.get_nowait()

    async def request(self, method: str, path: str, body: bytes = b"") -> tuple[bytes, bytes]:
        """One request over a fresh connection: head and body of the answer."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(self._head(method, path, len(body)).encode() + body)
            answer = await reader.read(-1)
            writer.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        return head, content

    def close(self) -> None:
        """Leave."""
        if self.reading and self.writer:
            self.reading.cancel()
            self.writer.close()

    def _head(self, method: str, path: str, length: int) -> str:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {self.cookie}"]
        if path != "/chat/stream":
            lines += ["Connection: close", "Accept: application/json"]
        if length:
            lines += [f"Content-Length: {length}", "Content-Type: application/x-www-form-urlencoded"]
        return "\r\n".join(lines) + "\r\n\r\n"

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Put every line that the stream brings where `heard` finds it."""
        block: list[str] = []
        while line := (await reader.readline()).decode():
            block.append(line)
            if line in ("\n", "\r\n"):
                if any(part.startswith("id:") for part in block):
                    self.events.put_nowait("".join(block))
                block = []


def beginning(question: Question) -> str:
    """Enough of an answer to know it by."""
    return question.answer.strip().splitlines()[0][:20]


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds to the response and to the event, and whether it was the right answer."""

    response: float
    event: float
    right: bool


async def sample(client: Client, question: Question, due: float) -> Sample:
    """Ask at an instant; the waiting counts from then on."""
    await asyncio.sleep(due - perf_counter())
    client.forget()

    async def responded() -> float:
        await client.ask(question)
        return perf_counter() - due

    async def heard() -> tuple[float, bool]:
        right = await client.heard(question)
        return perf_counter() - due, right

    response, (event, right) = await asyncio.gather(responded(), heard())
    return Sample(response, event, right)


async def connect(clients: Sequence[Client], questions: Sequence[Question]) -> None:
    """Open every page, a few side by side."""
    waiting = iter(enumerate(clients))

    async def lane() -> None:
        for place, client in waiting:
            await client.open(questions[place % len(questions)])

    await asyncio.gather(*(lane() for _ in range(AT_ONCE)))


async def measure(server: Running) -> Figures:
    """Connect all, then ask at fixed instants, each time another client."""
    questions = asked_of_us()
    clients = [Client(server.port) for _ in range(CLIENTS)]
    await connect(clients[:1], questions)
    before = server.memory
    await connect(clients[1:], questions)
    connected, start = server.memory, perf_counter() + 1.0
    samples = await asyncio.gather(
        *(sample(clients[n % CLIENTS], questions[-1 - n % len(questions)], start + n / RATE) for n in range(MESSAGES))
    )
    assert all(one.right for one in samples), "an answer's event held another's answer"
    for client in clients:
        client.close()
    events, responses = ([getattr(one, name) for one in samples] for name in ("event", "response"))
    return Figures(
        clients=CLIENTS,
        rate=RATE,
        before=before,
        connected=connected,
        event_p50=at(events, 50),
        event_p99=at(events, 99),
        response_p50=at(responses, 50),
        response_p99=at(responses, 99),
    )


def main(port: str, pid: str) -> None:
    """Measure and print."""
    print(json.dumps(asdict(uvloop.run(measure(Running(int(port), int(pid), 0.0))))))


if __name__ == "__main__":
    main(*sys.argv[1:])
