"""What a client may receive: the same that the gate says, with every reason."""

from datetime import timedelta

from bot.vocabulary import ChannelKind, ClientState, Interest, ProductRisk, Purpose
from services.delivery.outlook import ASKED, Outlook, outlook
from services.suitability.rule import Reason
from storage.models import ChatAccountRow, ClientPlanRow, ClientRow, ConsentRow
from storage.models.clients import ClientInterestRow
from storage.unit import Unit
from tests.services.delivery.office import NOON, Office


async def seen(office: Office, client: int) -> Outlook:
    return await office.database.read(lambda unit: outlook(unit, office.delivery, client))


def rules(found: Outlook, purpose: Purpose) -> list[str | None]:
    """What objects on the first chat."""
    return [one.rule for one in found.rows[purpose][0].objections]


async def test_every_reason_is_told_by_purpose(office: Office) -> None:
    (client,) = await office.clients()
    calm = await seen(office, client)
    assert {purpose for purpose in ASKED if calm.rows[purpose][0].open} == set(ASKED)
    assert (calm.products, calm.suits.reasons, calm.rules) == ([ProductRisk.R1, ProductRisk.R2, ProductRisk.R3], (), {})
    await office.change(ConsentRow, 1, granted=False)
    await office.change(ClientRow, client, state=ClientState.FROZEN, opted_out_at=NOON, risk_level=None)
    office.clock.set(NOON + timedelta(hours=10))
    found = await seen(office, client)
    assert rules(found, Purpose.STAFF_MESSAGE) == []
    assert rules(found, Purpose.SERVICE_NOTICE) == ["quiet_hours"]
    assert found.rows[Purpose.SERVICE_NOTICE][0].later
    assert {"frozen", "opted_out", "suitability", "quiet_hours"} <= set(rules(found, Purpose.PRODUCT))
    assert (found.products, found.suits.reasons) == ([], (Reason.NOT_ASSESSED,))
    assert not found.rows[Purpose.PRODUCT][0].later


async def test_chats_are_judged_apart_and_nobody_s_say_so(office: Office) -> None:
    (client,) = await office.clients()
    await office.also(client, ChannelKind.TELEGRAM)
    two = await seen(office, client)
    assert [chat.channel for chat in two.chats] == [ChannelKind.RECORDING, ChannelKind.TELEGRAM]
    assert [cell.open for cell in two.rows[Purpose.CARE]] == [True, False]
    for number in (1, 2):
        await office.change(ChatAccountRow, number, gone_at=NOON)
    none = await seen(office, client)
    assert (none.chats, rules(none, Purpose.CARE)) == ([], ["unreachable"])


async def test_a_plan_of_chosen_subjects_is_told(office: Office) -> None:
    (client,) = await office.clients()

    def plan(unit: Unit) -> None:
        unit.session.add(ClientPlanRow(client_id=client, plan="chosen", weekly=0, at=NOON))
        unit.session.add(ClientInterestRow(client_id=client, interest=Interest.FUNDS, at=NOON))

    await office.database.write(plan)
    found = await seen(office, client)
    assert [rules(found, purpose) for purpose in (Purpose.EDUCATION, Purpose.CARE)] == [["plan_weekly"], []]
    assert found.topics == {Interest.FUNDS}
