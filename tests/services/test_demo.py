"""The demo branch is fictional, complete and the same at every run."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from bot.vocabulary import ConsentPurpose, RiskLevel, Role
from bot.vocabulary.clients import ASSET_BOUNDS
from services import demo, demo_portfolios

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
    assert demo.advised() == dict.fromkeys(("D0002", "D0004", "D0009"), "s04")
    assert demo.advised().keys() <= found.keys()


def test_portfolios_are_the_same_at_every_run_and_keep_the_bands() -> None:
    people = demo.clients(NOW, {})
    found = demo_portfolios.accounts(people, NOW.date())
    again = demo_portfolios.accounts(people, NOW.date())
    assert len(found) == len(people) - 1
    assert [list(one.holdings()) for one in found] == [list(one.holdings()) for one in again]
    for one in found:
        days: Counter[date] = Counter()
        for on, columns in (*one.holdings(), *one.balances()):
            days[on] += int(str(columns.get("value_fen", columns.get("cash_fen"))))
        last = [days[on] for on in sorted(days) if on >= max(days) - timedelta(days=29)]
        mean = sum(last) // len(last) // 100
        assert [band for band, bound in ASSET_BOUNDS.items() if bound <= mean][-1] is one.client.asset_band
    assert sum(1 for one in found for _ in one.trades()) == 12
