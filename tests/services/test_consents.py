"""What clients agreed to."""

from datetime import UTC, datetime

from sqlalchemy import select

from bot.clock import MovableClock
from bot.vocabulary import ConsentPurpose
from services.consents import Consents
from storage.models import ConsentRow
from storage.repositories.consents import Statement
from storage.unit import Database, Unit
from tests.handlers.rig import Branch

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


async def test_the_newest_word_holds_and_the_earlier_ones_stay_on_record(
    database: Database, clock: MovableClock
) -> None:
    client_id = await Branch(database, clock).client()

    def said(unit: Unit) -> list[tuple[bool, bool]]:
        for granted in (True, False, True):
            Consents().state(unit, Statement(client_id, ConsentPurpose.PRODUCT, granted, "v1", "webchat", NOW))
        rows = unit.session.scalars(select(ConsentRow).order_by(ConsentRow.id))
        return [(row.granted, row.current) for row in rows]

    assert await database.write(said) == [(True, False), (False, False), (True, True)]
    assert await database.read(lambda unit: Consents().current(unit, client_id)) == {ConsentPurpose.PRODUCT}


async def test_what_was_never_asked_is_not_agreed_to(database: Database, clock: MovableClock) -> None:
    client_id = await Branch(database, clock).client()
    assert await database.read(lambda unit: Consents().current(unit, client_id)) == frozenset()
