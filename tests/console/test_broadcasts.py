"""The page of a broadcast."""

from typing import Any

import pytest

from bot.vocabulary import Purpose
from storage.repositories import broadcasts
from storage.repositories.broadcasts import Content
from tests.console.conftest import SignIn, words
from tests.console.stand import HEAD, RM, Stand
from tests.pictures import PDF, picture

RICH = {"all": [{"field": "asset_band", "is": "at_least", "value": "from_300"}]}


@pytest.mark.parametrize(
    ("condition", "shown"),
    [(RICH, "对象 高净值 资产档为300万至500万元或更高"), ({"field": "height"}, "对象 高净值 条件已无法读取")],
)
async def test_tells_whom_it_means(branch: Stand, sign_in: SignIn, condition: dict[str, Any], shown: str) -> None:
    body = {"zh_CN": "节前提示\n看懂逆回购 https://branch.example/9"}
    content = Content("节前提示", Purpose.EDUCATION, body, condition, segment="高净值")
    author, now = branch.staff[HEAD], branch.clock.now()
    number = await branch.database.write(lambda unit: broadcasts.add(unit, content, author, now))
    page = await (await sign_in(HEAD)).get(f"/console/broadcasts/{number}")
    assert (page.status_code, shown in words(page)) == (200, True)
    assert '<a href="https://branch.example/9" target="_blank" rel="noopener noreferrer">看懂逆回购</a>' in page.text
    assert (await (await sign_in(RM)).get(f"/console/broadcasts/{number}")).status_code == 404


async def test_shows_what_clients_are_shown_below_the_words(branch: Stand, sign_in: SignIn) -> None:
    picture_id, paper_id = [(await branch.console.library.receive(one)).id for one in (picture(), PDF)]
    author, now, client = branch.staff[HEAD], branch.clock.now(), await sign_in(HEAD)
    shown = {}
    for media_id in (picture_id, paper_id):
        content = Content("节前提示", Purpose.EDUCATION, {"zh_CN": "节前提示"}, RICH, media_id=media_id)
        number = await branch.database.write(lambda unit, one=content: broadcasts.add(unit, one, author, now))  # type: ignore[misc]
        page = (await client.get(f"/console/broadcasts/{number}")).text
        address = f"/console/broadcasts/{number}/enclosed"
        shown[media_id] = f'<img src="{address}"' in page, f'<a href="{address}"' in page
        handed = await client.get(address)
        assert (handed.status_code, handed.headers["x-content-type-options"]) == (200, "nosniff")
        assert (await (await sign_in(RM)).get(address)).status_code == 404
    assert shown == {picture_id: (True, False), paper_id: (False, True)}
    assert (await client.get(f"/console/media/{picture_id}")).status_code == 200
