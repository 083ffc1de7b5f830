"""Who comes in, how often, and what the API says to others."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.vocabulary import Scope
from tests.console.api.conftest import CLIENT, Branch, Counter

ASKED: tuple[tuple[Scope, str, str, object], ...] = (
    (Scope.CLIENTS_READ, "GET", "/clients", None),
    (Scope.CLIENTS_READ, "GET", "/clients/A1", None),
    (Scope.CLIENTS_WRITE, "PUT", "/clients/A1", {"region": "上海"}),
    (Scope.CLIENTS_WRITE, "PUT", "/clients/A1/state", {"state": "normal"}),
    (Scope.CLIENTS_WRITE, "PUT", "/clients/A1/tags", {"tags": ["a"]}),
    (Scope.BIND_CODES_ISSUE, "POST", "/clients/A1/bind-codes", {}),
    (Scope.CONSENTS_READ, "GET", "/clients/A1/consents", None),
    (Scope.CONSENTS_WRITE, "POST", "/clients/A1/consents", {"purpose": "care", "granted": True}),
    (Scope.PRODUCTS_READ, "GET", "/products", None),
    (Scope.PRODUCTS_READ, "GET", "/products/F1", None),
    (Scope.PRODUCTS_WRITE, "PUT", "/products/F1", {"name": "稳健一号", "risk": "R2", "rated_on": "2026-10-01"}),
    (Scope.HOLDINGS_WRITE, "POST", "/holdings", {"rows": [{"number": "A1"}]}),
    (Scope.HOLDINGS_WRITE, "POST", "/trades", {"rows": [{"number": "A1"}]}),
    (Scope.HOLDINGS_WRITE, "POST", "/cash", {"rows": [{"number": "A1"}]}),
    (Scope.HOLDINGS_WRITE, "PUT", "/holding-days/2026-11-20", None),
    (Scope.PRODUCTS_WRITE, "POST", "/products", {"rows": [{"product_code": "F1"}]}),
    (Scope.TICKETS_READ, "GET", "/tickets", None),
    (Scope.TICKETS_READ, "GET", "/tickets/TS20261123-0001", None),
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough for what is decided at the door."""
    return sqlite_url


async def test_every_address_takes_just_its_scope(branch: Branch, counter: Counter) -> None:
    await counter("PUT", "/clients/A1", CLIENT)
    document = (await counter("GET", "/openapi.json", Authorization="")).json()
    operations = {(method.upper(), path) for path, each in document["paths"].items() for method in each}
    assert len(operations) == len(ASKED)
    for scope in Scope:
        name, others = scope.replace(":", "_"), [other for other in Scope if other is not scope]
        just, without = await branch.let_in([scope], name), await branch.let_in(others, f"not_{name}")
        for _, method, path, body in (one for one in ASKED if one[0] is scope):
            counter.token = just
            assert (await counter(method, path, body)).status_code != 403, path
            counter.token = without
            answer = await counter(method, path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), path
            assert scope in answer.json()["detail"]


@pytest.mark.parametrize(
    ("given", "code"),
    [("", "token_missing"), ("Basic eDp5", "token_missing"), ("Bearer quanfu_0", "token_unknown")],
)
async def test_nothing_is_said_without_a_token(counter: Counter, given: str, code: str) -> None:
    for path in ("/clients", "/nowhere", "/clients/A1/bind-codes"):
        answer = await counter("POST", path, Content_Type="text/plain", Authorization=given)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_too_many_requests_wait_as_told(branch: Branch, counter: Counter) -> None:
    counter.token = await branch.let_in([Scope.PRODUCTS_READ], "slow", per_minute=2)
    assert [(await counter("GET", "/products")).status_code for _ in range(2)] == [200, 200]
    late = await counter("GET", "/nowhere")
    assert (late.status_code, late.headers["retry-after"]) == (429, "30")
    assert late.json()["detail"] == "More than 2 requests a minute; go on in 30 s"
    branch.clock.move(timedelta(seconds=29))
    assert (await counter("GET", "/products")).headers["retry-after"] == "1"
    branch.clock.move(timedelta(seconds=1))
    assert (await counter("GET", "/products")).status_code == 200


async def test_a_body_that_does_not_say_how_long_it_is_is_cut_off(counter: Counter) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 30_000

    sent = {"Authorization": f"Bearer {counter.token}", "Content-Type": "application/json"}
    answer = await counter.http.put("/api/v1/products/F1", content=endless(), headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_what_cannot_be_is_a_problem_in_the_language_asked_for(counter: Counter) -> None:
    told = [
        await counter("GET", "/nowhere/%0A"),
        await counter("DELETE", "/products"),
        await counter("GET", "/products/F%20%00"),
        await counter("PUT", "/products/F1", {"name": "x" * 70_000, "risk": "R1", "rated_on": "2026-10-01"}),
        await counter("GET", "/products?limit=0", Accept_Language="zh-CN,en;q=0.5"),
    ]
    codes = [(answer.status_code, answer.json()["code"]) for answer in told]
    assert codes == [
        (404, "address_unknown"), (405, "method_unknown"), (422, "unreadable"), (413, "too_large"), (422, "unreadable"),
    ]  # fmt: skip
    assert told[1].headers["allow"] == "GET"
    assert (told[4].json()["title"], told[4].headers["content-language"]) == ("未接受", "zh-CN")
    assert told[4].json()["faults"][0]["field"] == "limit"
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in told)
