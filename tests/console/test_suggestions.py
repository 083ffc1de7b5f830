"""Entries offered while somebody types: found by id and question, and never all of them."""

import re

import httpx

from console.suggestions import MOST
from tests.console.conftest import SignIn
from tests.console.stand import SERVICE

PAGE = "/console/knowledge"


def offered(answer: httpx.Response) -> list[str]:
    return re.findall(r'<option value="([^"]*)"', answer.text)


async def test_a_few_are_offered_by_id_and_by_question(sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    for page in ("misses", "regression"):
        assert len(offered(await person.get(f"{PAGE}/{page}"))) <= MOST + 3
    by_question = await person.get(f"{PAGE}/options?entry=密码")
    found = offered(by_question)
    assert 0 < len(found) <= MOST
    assert by_question.text.count("密码") >= len(found)
    assert offered(await person.get(f"{PAGE}/options?entry={found[-1].upper()}"))[0] == found[-1]
    assert offered(await person.get(f"{PAGE}/options?entry=|<script>")) == []
    second = offered(await person.get(f"{PAGE}/options?expected=NONE|{found[-1]}"))
    assert second[-1] == f"NONE | {found[-1]}"
    assert {"NONE", "COMPLAINT", "HUMAN"} < set(second)
