"""Any server that speaks OpenAI's interface for chats."""

from dataclasses import dataclass

import httpx
from pydantic import BaseModel, Field, ValidationError

from bot.errors import ModelFailed

LONGEST_ANSWER = 800
"""Tokens that the model may write."""


@dataclass(frozen=True)
class Endpoint:
    """Where the server is, up to and with its version (`https://host/v1`); `key` is the bearer token, if any."""

    url: str
    model: str
    key: str | None = None


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class ChatEndpoint:
    """Keeps its connections; proxies of the environment are not used, the branch names the server."""

    def __init__(self, endpoint: Endpoint, seconds: float) -> None:
        self._endpoint = endpoint
        headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=seconds, trust_env=False)

    async def complete(self, instruction: str, text: str) -> str:
        """What the model writes; ModelFailed where that is nothing that can be read."""
        messages = [{"role": "system", "content": instruction}, {"role": "user", "content": text}]
        asked = {
            "model": self._endpoint.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": LONGEST_ANSWER,
            "stream": False,
        }
        try:
            answer = await self._client.post(f"{self._endpoint.url.rstrip('/')}/chat/completions", json=asked)
        except httpx.HTTPError as error:
            raise ModelFailed(f"no answer from the language model: {type(error).__name__}") from error
        if answer.status_code != httpx.codes.OK:
            raise ModelFailed(f"the language model answers {answer.status_code}")
        try:
            return _Completion.model_validate_json(answer.content).choices[0].message.content.strip()
        except ValidationError as error:
            raise ModelFailed("the language model's answer cannot be read") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
