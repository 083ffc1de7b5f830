"""The life of an entry: written by one, reviewed and published by others, every version kept."""

from dataclasses import replace

from bot.vocabulary.knowledge import EditionState
from storage.repositories import editions as rows
from tests.services.knowledge.bureau import OPENING, Bureau


async def test_an_entry_lives_from_draft_to_retired(bureau: Bureau) -> None:
    await bureau.stock()
    one = await bureau.reviewed("open", replace(OPENING, answer="到柜台办理。"))
    assert (one.version, one.state) == (2, EditionState.REVIEWED)
    publication = await bureau.published(one)
    assert (publication.version, publication.entries) == (2, 3)
    history = await bureau.database.read(lambda unit: rows.history(unit, "open"))
    assert [(each.version, each.state) for each in history] == [(2, "published"), (1, "replaced")]
    await bureau.published(retire=("open",), reason="业务停办")
    history = await bureau.database.read(lambda unit: rows.history(unit, "open"))
    assert [each.state for each in history] == ["retired", "replaced"]
    assert history[0].note == "业务停办"
