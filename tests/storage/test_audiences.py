"""A sample is the first members, however many clients lie before them."""

import pytest

from bot.vocabulary.conditions import All
from storage.repositories import audiences
from storage.unit import Database
from tests.storage.crowd import TODAY, crowd, record


@pytest.mark.parametrize("reaches", [(2, 5), (1, 3, 4), (40,)])
async def test_a_sample_is_the_first_members(
    database: Database, monkeypatch: pytest.MonkeyPatch, reaches: tuple[int, ...]
) -> None:
    monkeypatch.setattr(audiences, "REACHES", reaches)
    everybody = audiences.chosen(All(()), TODAY)
    await database.write(lambda unit: record(unit, crowd(12)))
    whole = await database.read(lambda unit: audiences.sample(unit, everybody, 100))
    assert len(whole) == await database.read(lambda unit: audiences.count(unit, everybody))
    assert [one.client_id for one in whole] == sorted(one.client_id for one in whole)
    few = await database.read(lambda unit: [audiences.sample(unit, everybody, limit) for limit in (1, 4, 7)])
    assert few == [whole[:1], whole[:4], whole[:7]]
