"""The event stream: nobody hears when others' clients write."""

from collections.abc import AsyncIterator

import pytest
from sse_starlette import EventSourceResponse
from starlette.requests import Request

from bot.live import CLIENT_TYPING
from console import events
from console.visits import COOKIE, enter
from storage.repositories import tickets
from tests.console.conftest import Person, SignIn
from tests.console.stand import HEAD, RM, Stand


async def following(branch: Stand, person: Person, *topics: str) -> AsyncIterator[tuple[str, str]]:
    """What the stream tells, each event with its data."""
    cookie = f"{COOKIE}={person.http.cookies[COOKIE]}".encode()
    scope = {"type": "http", "method": "GET", "path": "/console/live", "headers": [(b"cookie", cookie)]}
    visit = await enter(branch.console, Request({**scope, "query_string": f"topics={','.join(topics)}".encode()}))
    answer = await events.stream(visit)
    assert isinstance(answer, EventSourceResponse)
    async for event in answer.body_iterator:
        told = str(event.encode(), "utf-8").splitlines()  # type: ignore[union-attr]
        yield told[0].removeprefix("event: "), told[1].removeprefix("data:").strip()


@pytest.mark.parametrize("number", [RM, HEAD])
async def test_a_manager_hears_only_of_their_own_clients(
    branch: Stand, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(events, "MERGE", 0)
    own, other = [f"conversation:{await branch.chat('您好', client)}" for client in ("C1", "C2")]
    complaint = await branch.complaint("佣金不符", client="C2")
    opened = await branch.database.read(lambda unit: tickets.by_number(unit, complaint))
    ticket = f"ticket:{opened.id if opened else 0}"
    typing, live = other.replace("conversation", CLIENT_TYPING), branch.console.live
    heard = following(branch, await sign_in(number), own, other, typing, ticket)
    assert await anext(heard) == ("ready", "")
    live.publish([typing, other, ticket, own])
    everything = ",".join([typing, other, ticket, own])
    assert await anext(heard) == ("changed", everything if number == HEAD else own)
    listed = following(branch, await sign_in(number), "conversation")
    assert await anext(listed) == ("ready", "")
    live.publish([other, own])
    assert await anext(listed) == ("changed", "conversation")
