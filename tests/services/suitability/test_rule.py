"""The one rule of suitability, over everything it may be asked."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from bot.vocabulary import ClientFacts, ClientKind, ClientState, ProductRisk, Purpose, RiskLevel
from services.suitability.matrix import packaged
from services.suitability.rule import Content, Day, Reason, may_receive

TODAY = date(2026, 11, 23)
DAY = Day(TODAY, 65)
CLIENT = ClientFacts(1, ClientState.NORMAL, risk_level=RiskLevel.C3, risk_valid_until=TODAY, age=40)
OFFERED = {
    RiskLevel.C1_MIN: "R1",
    RiskLevel.C1: "R1",
    RiskLevel.C2: "R1 R2",
    RiskLevel.C3: "R1 R2 R3",
    RiskLevel.C4: "R1 R2 R3 R4",
    RiskLevel.C5: "R1 R2 R3 R4 R5",
}
"""As the law's rules for suitability have it, written down a second time."""

LEVELS, RISKS = [None, *RiskLevel], [None, *ProductRisk]
ENDS = [None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=730)]
AGES = [None, 0, 64, 65, 66, 110]


def expected(client: ClientFacts, risk: ProductRisk | None) -> bool:
    """Whether a product may be offered, told in other words than the rule's."""
    if risk is None or client.age is None or client.age >= 65:
        return False
    if client.kind is ClientKind.PROFESSIONAL:
        return True
    level, until = client.risk_level, client.risk_valid_until
    return level is not None and until is not None and until >= TODAY and risk in OFFERED[level].split()


@pytest.mark.parametrize("kind", ClientKind)
@pytest.mark.parametrize("purpose", Purpose)
def test_the_whole_table_of_clients_and_contents(kind: ClientKind, purpose: Purpose) -> None:
    for level, risk, until, age in product(LEVELS, RISKS, ENDS, AGES):
        client = replace(CLIENT, kind=kind, risk_level=level, risk_valid_until=until, age=age)
        content = Content(purpose, risk)
        decision = may_receive(client, content, DAY)
        assert decision.allowed == (not content.offers_product or expected(client, risk)), (client, content)
        assert decision.allowed == (not decision.unsuitable and not decision.elder)


@pytest.mark.parametrize(
    ("changes", "risk", "reasons"),
    [
        ({}, ProductRisk.R3, []),
        ({}, ProductRisk.R4, [Reason.TOO_RISKY]),
        ({}, None, [Reason.NOT_RATED]),
        ({"risk_level": None}, ProductRisk.R1, [Reason.NOT_ASSESSED]),
        ({"risk_valid_until": None}, ProductRisk.R1, [Reason.NOT_ASSESSED]),
        ({"risk_valid_until": TODAY - timedelta(days=1)}, ProductRisk.R1, [Reason.EXPIRED]),
        ({"age": None}, ProductRisk.R4, [Reason.TOO_RISKY, Reason.AGE_UNKNOWN]),
        ({"risk_level": None, "age": 65}, None, [Reason.NOT_RATED, Reason.NOT_ASSESSED, Reason.ELDER]),
        ({"kind": ClientKind.PROFESSIONAL, "risk_level": None}, ProductRisk.R5, []),
        ({"kind": ClientKind.PROFESSIONAL, "age": 80}, ProductRisk.R1, [Reason.ELDER]),
    ],
)
def test_every_reason_is_told(changes: dict[str, object], risk: ProductRisk | None, reasons: list[Reason]) -> None:
    client = replace(CLIENT, **changes)  # type: ignore[arg-type]
    assert list(may_receive(client, Content(Purpose.PRODUCT, risk), DAY).reasons) == reasons


def test_nobody_knows_what_an_unknown_client_may_be_offered() -> None:
    decision = may_receive(None, Content(Purpose.PRODUCT, ProductRisk.R1), DAY)
    assert decision.reasons == (Reason.UNKNOWN_CLIENT, Reason.AGE_UNKNOWN)


@pytest.mark.parametrize("purpose", [Purpose.SERVICE_NOTICE, Purpose.EDUCATION, Purpose.ALERT])
@pytest.mark.parametrize("until", ENDS)
def test_service_education_and_risk_warnings_need_no_assessment(purpose: Purpose, until: date | None) -> None:
    unassessed = replace(CLIENT, risk_level=None, risk_valid_until=until, age=None)
    assert may_receive(unassessed, Content(purpose), DAY).allowed


def test_a_branch_may_ask_for_an_assessment_also_where_no_product_is_offered() -> None:
    stricter = replace(packaged(), version="own", free=packaged().free - {Purpose.CARE})
    unassessed = replace(CLIENT, risk_level=None)
    decision = may_receive(unassessed, Content(Purpose.CARE), DAY, stricter)
    assert (decision.reasons, decision.version) == ((Reason.NOT_ASSESSED,), "own")
    assert may_receive(CLIENT, Content(Purpose.CARE), DAY, stricter).allowed


def test_what_is_kept_names_version_and_inputs_and_no_age() -> None:
    kept = may_receive(replace(CLIENT, age=80), Content(Purpose.PRODUCT, ProductRisk.R5), DAY).kept()
    assert kept == {
        "version": packaged().version,
        "reasons": ["too_risky", "elder"],
        "purpose": "product",
        "product": "R5",
        "kind": "ordinary",
        "level": "C3",
        "valid_until": "2026-11-23",
    }
