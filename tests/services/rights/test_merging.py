"""Two records of one person become one, and the stricter word holds."""

from datetime import date, time
from itertools import product

import pytest
from sqlalchemy import func, select, update

from bot.errors import NotPermitted, Refused
from bot.vocabulary import AssetClass, ClientState, ConsentPurpose, DeliveryState, RiskLevel, Role, Style
from bot.vocabulary.rights import Gone
from services.rights import copies, erasure, holds, merging
from services.rights.requests import Answer, Wish
from storage.models import BroadcastRow, ClientKeyRow, ClientRow, DeliveryRow
from storage.repositories import client_lists, clients, consents, legal_holds, merge_sides
from storage.repositories.consents import Statement
from storage.repositories.merging import harder, stricter, united
from storage.repositories.person_parts import PARTS
from storage.unit import Unit
from tests.audited import deeds
from tests.services.rights.people import EARLIER, NOON, House

P = ConsentPurpose


def wish(house: House, number: str = "C1") -> Wish:
    return Wish(number, house.staff[Role.COMPLIANCE], "重复建档", NOON)


async def set_to(house: House, number: str, **values: object) -> None:
    changed = update(ClientRow).where(ClientRow.number == number).values(**values)
    await house.database.write(lambda unit: unit.session.execute(changed) and None)


async def merged(house: House) -> None:
    """`C1` goes into `C2`, whose id number is not known."""
    await set_to(house, "C2", identity_sealed=None, identity_key=None)
    request = await house.database.write(lambda unit: merging.ask(unit, wish(house), "C2"))
    answer = Answer(request, house.staff[Role.HEAD], NOON)
    await house.database.write(lambda unit: merging.approve(unit, answer))


def hanging(unit: Unit, client_id: int) -> dict[str, int]:
    """How many rows of each table are a client's."""
    counted = {part.name: select(func.count()).select_from(part.model).where(part.own([client_id])) for part in PARTS}
    return {name: unit.session.scalars(statement).one() for name, statement in counted.items()}


async def test_all_that_hung_on_the_one_hangs_on_the_other(house: House) -> None:
    one, into = house.ids["C1"], house.ids["C2"]
    await house.database.write(lambda unit: holds.put(unit, wish(house)))
    before = await house.database.read(lambda unit: hanging(unit, one))
    await merged(house)
    after = await house.database.read(lambda unit: (hanging(unit, one), hanging(unit, into)))
    assert set(after[0].values()) == {0}
    once = {"client_tags", "client_interests", "segment_members", "holdings", "trades", "balances", "chat_days"}
    once |= {"holding_client_days", "lesson_completions"}
    once |= {"client_days", "client_figures", "client_classes", "figures_due", "client_plans"}
    double = {name: number if name in once else number * 2 for name, number in before.items()}
    assert after[1] == double | {"client_links": 0}
    (line,) = await deeds(house.database, "client.merge")
    assert (line.object, line.number, line.detail["from"], line.detail["tickets"]) == (f"client:{into}", "head", one, 1)

    def look(unit: Unit) -> None:
        assert [hold.client_id for hold in legal_holds.standing(unit, [one, into])] == [into]
        told = merging.history(unit, into)
        assert [(each.number, each.at, each.staff) for each in told] == [("C1", NOON, "head")]
        row = unit.session.get_one(ClientRow, one)
        assert (row.gone, row.merged_into, bool(row.name_sealed)) == (Gone.MERGED, into, True)
        assert unit.session.get_one(ClientRow, into).identity_key == row.identity_key

    await house.database.read(look)


async def test_the_old_number_and_address_find_the_survivor(small_house: House) -> None:
    await merged(small_house)

    def look(unit: Unit) -> None:
        found = clients.by_number(unit, "C1")
        assert found is not None
        assert found.number == "C2"
        for search in ("", "C1", "c1", "C2"):
            page = client_lists.page(unit, client_lists.Wanted(search))
            assert [item.number for item in page] == ["C2"], search
        old = unit.session.get_one(ClientRow, small_house.ids["C1"]).public_id
        shown = client_lists.by_public_id(unit, old)
        assert shown is not None
        assert shown.number == "C2"

    await small_house.database.read(look)


async def test_what_is_foreseen_is_what_stands(small_house: House) -> None:
    one, into = small_house.ids["C1"], small_house.ids["C2"]
    lacking = {
        "identity_sealed": None,
        "identity_key": None,
        "phone_sealed": None,
        "occupation": None,
        "birth_month": None,
        "style": None,
        "branch": None,
    }
    await set_to(small_house, "C2", risk_level=RiskLevel.C5, quiet_from=None, kind="professional", **lacking)
    quiet = {"quiet_from": time(12), "quiet_to": time(14), "birth_month": 5, "birth_day": 1, "birth_lunar": True}
    liked = {"style": Style.STEADY, "prefers": "bond,fund", "branch": "上海营业部"}
    await set_to(small_house, "C1", state=ClientState.FROZEN, occupation="教师", opted_out_at=EARLIER, **quiet, **liked)
    said = Statement(one, P.CARE, granted=False, version="1", channel="counter", at=EARLIER)
    await small_house.database.write(lambda unit: consents.add(unit, said))
    old, new, foreseen = await small_house.database.read(lambda unit: merge_sides.sides(unit, one, into))
    assert (old.quiet, new.quiet, foreseen.quiet) == ((time(12), time(14)), None, (time(12), time(14)))
    assert (new.style, foreseen.style, foreseen.branch) == (None, Style.STEADY, "上海营业部")
    assert foreseen.prefers == (AssetClass.BOND, AssetClass.FUND)
    assert (foreseen.state, foreseen.risk_level, foreseen.agreed) == (
        ClientState.FROZEN,
        RiskLevel.C3,
        frozenset({P.SERVICE}),
    )
    await merged(small_house)
    stands = await small_house.database.read(lambda unit: merge_sides.sides(unit, into, into)[1])
    assert stands == foreseen


async def test_a_no_on_either_record_holds(house: House) -> None:
    said = [(P.PRODUCT, True, True), (P.EDUCATION, True, False), (P.RISK_ALERT, False, True), (P.FOLLOW_UP, None, True)]

    def state(unit: Unit) -> None:
        for purpose, *words in said:
            for number, granted in zip(("C1", "C2"), words, strict=True):
                if granted is not None:
                    consents.add(unit, Statement(house.ids[number], purpose, granted, "1", "counter", EARLIER))

    await house.database.write(state)
    await merged(house)
    held = await house.database.read(lambda unit: consents.granted(unit, house.ids["C2"]))
    assert held == {P.SERVICE, P.CARE, P.PRODUCT, P.FOLLOW_UP}


async def test_what_stands_against_it_is_said_and_nothing_is_merged(small_house: House) -> None:
    database = small_house.database
    for number, into, said in (("C1", "C2", "merge_identity_differs"), ("C1", "C1", "merge_same")):
        with pytest.raises(Refused, match=said):
            await database.write(lambda unit, n=number, i=into: merging.ask(unit, wish(small_house, n), i))  # type: ignore[misc]
    await set_to(small_house, "C2", identity_sealed=None, identity_key=None)
    request = await database.write(lambda unit: merging.ask(unit, wish(small_house), "C2"))
    own, head = (Answer(request, small_house.staff[role], NOON) for role in (Role.COMPLIANCE, Role.HEAD))
    with pytest.raises(NotPermitted):
        await database.write(lambda unit: merging.approve(unit, own))
    await set_to(small_house, "C2", gone=Gone.ERASED)
    with pytest.raises(Refused, match="client_gone"):
        await database.write(lambda unit: merging.approve(unit, head))
    assert (await database.read(lambda unit: hanging(unit, small_house.ids["C1"])))["tickets"] == 1


async def test_of_a_waiting_broadcast_one_message_is_left(house: House) -> None:
    def wait(unit: Unit) -> None:
        staff = house.staff[Role.HEAD].id
        parts = {"body": {}, "content_hash": "", "condition": {}, "state": "sending", "purpose": "broadcast"}
        unit.session.add(BroadcastRow(id=1, name="b", author_id=staff, created_at=NOON, **parts))
        unit.flush()
        unit.session.execute(update(DeliveryRow).values(broadcast_id=1, state=DeliveryState.PENDING))

    await house.database.write(wait)
    await merged(house)
    states = select(DeliveryRow.key, DeliveryRow.state, DeliveryRow.rule).order_by(DeliveryRow.key)
    found = await house.database.read(lambda unit: [tuple(row) for row in unit.session.execute(states)])
    assert found == [("said:C1", DeliveryState.CANCELLED, "merged"), ("said:C2", DeliveryState.PENDING, None)]


async def test_whoever_is_given_out_or_erased_is_so_with_what_was_merged(small_house: House) -> None:
    await merged(small_house)
    head, by = small_house.staff[Role.HEAD], small_house.staff[Role.COMPLIANCE]
    asked = await small_house.database.write(lambda unit: copies.ask(unit, wish(small_house)))
    await small_house.database.write(lambda unit: copies.approve(unit, Answer(asked, head, NOON)))
    copy = await small_house.database.write(lambda unit: copies.take(unit, by, "C1", NOON))
    assert (copy.number, len(copy.tables["clients"]), len(copy.tables["inbox"])) == ("C2", 2, 2)
    request = await small_house.database.write(lambda unit: erasure.ask(unit, wish(small_house)))
    answer = Answer(request, head, NOON)
    await small_house.database.write(lambda unit: erasure.approve(unit, answer))

    def look(unit: Unit) -> None:
        for client_id in small_house.ids.values():
            row, key = unit.session.get_one(ClientRow, client_id), unit.session.get_one(ClientKeyRow, client_id)
            assert (row.gone, row.name_sealed, row.identity_key, key.wrapped) == (Gone.ERASED, b"", None, None)

    await small_house.database.read(look)


def test_the_lower_level_that_ends_earlier_holds() -> None:
    days = (date(2027, 1, 1), date(2028, 1, 1))
    levels = [None, *product(RiskLevel, days)]
    for one, other in product(levels, levels):
        found = stricter(one, other)
        known = [level for level in (one, other) if level]
        assert found == stricter(other, one)
        assert (found in known) if known else found is None
        order = list(RiskLevel).index
        assert all(found is not None and order(found[0]) <= order(level[0]) for level in known)


def test_what_the_survivor_lacks_comes_from_the_other() -> None:
    old, new = ClientRow(prefers="fund,bond", style=Style.STEADY, branch="0102"), ClientRow(style=Style.AGGRESSIVE)
    found = united(old, new)
    assert (found["prefers"], found["branch"], "style" in found) == ("fund,bond", "0102", False)


def test_deceased_and_frozen_pass_on() -> None:
    states = ClientState
    found = {(one, other): harder(one, other) for one, other in product(states, states)}
    assert all(found[one, states.DECEASED] is found[states.DECEASED, one] is states.DECEASED for one in states)
    assert all(
        found[one, states.FROZEN] is found[states.FROZEN, one] is states.FROZEN
        for one in set(states) - {states.DECEASED}
    )
    assert found[states.CLOSED, states.NORMAL] is states.NORMAL
    assert found[states.NORMAL, states.CLOSED] is states.CLOSED
