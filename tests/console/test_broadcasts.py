"""The page of a broadcast."""

from typing import Any

import pytest

from bot.vocabulary import Purpose
from storage.repositories import broadcasts
from storage.repositories.broadcasts import Content
from tests.console.conftest import SignIn, words
from tests.console.stand import HEAD, RM, Stand

RICH = {"all": [{"field": "asset_band", "is": "at_least", "value": "from_300"}]}


@pytest.mark.parametrize(
    ("condition", "shown"),
    [(RICH, "对象 高净值 资产档为300万至500万元或更高"), ({"field": "height"}, "对象 高净值 条件已无法读取")],
)
async def test_tells_whom_it_means(branch: Stand, sign_in: SignIn, condition: dict[str, Any], shown: str) -> None:
    content = Content("节前提示", Purpose.EDUCATION, {"zh_CN": "节前提示"}, condition, segment="高净值")
    author, now = branch.staff[HEAD], branch.clock.now()
    number = await branch.database.write(lambda unit: broadcasts.add(unit, content, author, now))
    page = await (await sign_in(HEAD)).get(f"/console/broadcasts/{number}")
    assert (page.status_code, shown in words(page)) == (200, True)
    assert (await (await sign_in(RM)).get(f"/console/broadcasts/{number}")).status_code == 404
