"""Nothing goes out to somebody who was erased: by no way, for no purpose, also what waited already."""

from dataclasses import replace

from bot.vocabulary import DeliveryState, Purpose
from storage.models import DeliveryRow
from storage.repositories import erasure
from storage.repositories.person_parts import PARTS
from storage.unit import Unit
from tests.services.delivery.office import NOON, opened
from tests.services.delivery.wishes import broadcast, notice, reply


async def test_neither_message_nor_reply_nor_broadcast_reaches_an_erased_client(database_url: str) -> None:
    with opened(database_url) as office:
        first, second = await office.clients(2)
        await office.submit(notice(first, "waits"))
        doubtful = await office.submit(notice(first, "doubtful"))
        await office.submit_many(broadcast())

        def erase(unit: Unit) -> None:
            erasure.silence(unit, [first], NOON)
            erasure.blank(unit, first, NOON)
            for part in PARTS:
                if part.keep == "chats":
                    erasure.clear(unit, part, [first], None)

        await office.change(DeliveryRow, doubtful.delivery_id, state=DeliveryState.UNCERTAIN)
        await office.database.write(erase)
        await office.submit(notice(first, "later", essential=True))
        await office.submit(reply(1, "said", purpose=Purpose.STAFF_MESSAGE))
        await office.submit_many(replace(broadcast(), key="again"))
        await office.drain()
        assert [sent.to.address for sent in office.ledger().sent] == [f"recording-{second}"] * 2
        of_first = {row.key: (row.state, row.rule) for row in await office.rows() if row.client_id == first}
    assert of_first == {
        "waits": (DeliveryState.CANCELLED, "erased"),
        "doubtful": (DeliveryState.CANCELLED, "erased"),
        f"b:{first}": (DeliveryState.CANCELLED, "erased"),
        "later": (DeliveryState.SUPPRESSED, "unreachable"),
        "said": (DeliveryState.SUPPRESSED, "unreachable"),
        f"again:{first}": (DeliveryState.SUPPRESSED, "unreachable"),
    }
