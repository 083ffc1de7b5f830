"""The OpenAI-compatible double: `POST {root}/v1/embeddings` and `POST {root}/v1/chat/completions`."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import Clock, SystemClock
from tests.doubles.faults import Answer, Faults, json_answer
from tests.doubles.gateway import Gateway, Knock
from tests.doubles.ledger import Ledger, Parcel
from tests.doubles.openai.embedding import embedded

KEY = "sk-doubleDoubleDoubleDouble"


class _Wanted(BaseModel):
    model: str
    input: list[str]


class Line(BaseModel):
    """One message of a conversation with the model."""

    role: str
    content: str


class _Chat(BaseModel):
    model: str
    messages: list[Line]


def quiet(_lines: Sequence[Line]) -> str:
    """What the model says unless a test tells it otherwise."""
    return "ok"


@dataclass
class OpenAIDouble:
    """Script and ledger of one server; what it was given is in the ledger, under the model's name.

    `chat` makes the answer of a conversation from its messages.
    """

    clock: Clock = field(default_factory=SystemClock)
    key: str | None = KEY
    chat: Callable[[Sequence[Line]], str] = quiet
    faults: Faults = field(default_factory=Faults)
    root: str = ""

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.clock)
        self.gateway = Gateway(self.ledger, self.faults, self._revoke)

    @property
    def url(self) -> str:
        """What a server is told to use."""
        return f"{self.root}/v1"

    def app(self) -> Starlette:
        """Both methods."""
        return Starlette(
            routes=[
                Route("/v1/embeddings", self._embeddings, methods=["POST"]),
                Route("/v1/chat/completions", self._completions, methods=["POST"]),
            ]
        )

    async def open(self) -> None:
        """Nothing runs in the background."""

    async def close(self) -> None:
        """Nothing to end."""

    async def _embeddings(self, request: Request) -> Response:
        body = await request.body()
        return await self._answered(request, "embeddings", lambda: self._vectors(body))

    async def _completions(self, request: Request) -> Response:
        body = await request.body()
        return await self._answered(request, "chat/completions", lambda: self._words(body))

    async def _answered(self, request: Request, method: str, make: Callable[[], Answer]) -> Response:
        admitted = self._admits(request.headers.get("authorization", ""))

        async def act() -> Answer:
            try:
                return make() if admitted else _refusal(401, "invalid_api_key")
            except ValidationError:
                return _refusal(400, "invalid_request_error")

        return await self.gateway.pass_through(Knock(request, method, "", act))

    def _admits(self, header: str) -> bool:
        return self.key is None or hmac.compare_digest(header.encode(), f"Bearer {self.key}".encode())

    def _vectors(self, body: bytes) -> Answer:
        wanted = _Wanted.model_validate_json(body)
        for text in wanted.input:
            self.ledger.record(Parcel(wanted.model, "embeddings", text))
        rows = [{"index": place, "embedding": embedded(text)} for place, text in enumerate(wanted.input)]
        # In no order: the index counts.
        return json_answer({"object": "list", "model": wanted.model, "data": rows[::-1]})

    def _words(self, body: bytes) -> Answer:
        given = _Chat.model_validate_json(body)
        for line in given.messages:
            self.ledger.record(Parcel(given.model, "chat/completions", line.content))
        return said(self.chat(given.messages))

    def _revoke(self) -> None:
        self.key = "revoked"


def said(words: str) -> Answer:
    """An answer of the model with these words."""
    choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}
    return json_answer({"object": "chat.completion", "choices": [choice]})


def _refusal(status: int, code: str) -> Answer:
    return json_answer({"error": {"message": "scripted", "code": code}}, status)
