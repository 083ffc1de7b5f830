"""The demo branch is fictional, complete and the same at every run."""

from datetime import UTC, datetime

from bot.vocabulary import ConsentPurpose, RiskLevel, Role
from services import demo

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_has_one_person_for_each_role() -> None:
    assert sorted(one.role for one in demo.staff()) == sorted(Role)


def test_is_the_same_at_every_run() -> None:
    assert demo.clients(NOW, {"s03": 3}) == demo.clients(NOW, {"s03": 3})


def test_has_named_persons_yourself_and_five_hundred_more() -> None:
    found = demo.clients(NOW, {"s03": 3})
    assert len(found) == 12 + 1 + demo.MORE
    assert len({one.number for one in found}) == len(found)
    assert all(one.fictional and one.phone.startswith("1000000") for one in found)


def test_keeps_the_stories_of_the_named_persons() -> None:
    found = {one.number: one for one in demo.clients(NOW, {"s03": 3})}
    assert found["D0003"].risk_level is RiskLevel.C1_MIN
    assert found["D0003"].birthday is not None
    assert found["D0003"].birthday.lunar
    assert found["D0007"].consents == (ConsentPurpose.SERVICE, ConsentPurpose.EDUCATION, ConsentPurpose.FOLLOW_UP)
    assert found["D0010"].risk_level is None
    assert found["D0002"].manager_id == 3
