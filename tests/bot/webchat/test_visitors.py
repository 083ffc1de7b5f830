"""How much of us visitors may ask: each of them, and all at one network address."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.webchat.visitors import Limits, network

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_a_visitor_has_a_limit_of_their_own() -> None:
    limits = Limits(per_visitor=2, per_address=9)
    assert [limits.allow("one", "192.0.2.1", NOW) for _ in range(3)] == [True, True, False]
    assert limits.allow("two", "192.0.2.1", NOW)


def test_visitors_at_one_address_share_a_limit() -> None:
    limits = Limits(per_visitor=2, per_address=3)
    assert [limits.allow(f"visitor {n}", "192.0.2.1", NOW) for n in range(4)] == [True, True, True, False]
    assert limits.allow("visitor 9", "192.0.2.2", NOW)


def test_what_was_refused_does_not_count_and_a_minute_later_it_may_come() -> None:
    limits = Limits(per_visitor=1, per_address=9)
    later = [NOW, NOW + timedelta(seconds=59), NOW + timedelta(seconds=60)]
    assert [limits.allow("one", "192.0.2.1", at) for at in later] == [True, False, True]


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_a_line_with_many_addresses_is_one(host: str, wanted: str) -> None:
    assert network(host) == wanted
