"""How much of us visitors may ask: each of them, and all at one network address."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from bot.webchat.visitors import Limits, network
from storage.models import Base
from storage.unit import Unit
from storage.vault import Vault

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@contextmanager
def kept() -> Iterator[Unit]:
    """The table of permits, and nothing else."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        Base.metadata.tables["permits"].create(connection)
        yield Unit(connection, Vault((b"k" * 32,)))
    engine.dispose()


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


@given(st.lists(st.integers(0, 40), max_size=25))
@settings(max_examples=25)
def test_what_one_process_lets_through_all_together_do(pauses: list[int]) -> None:
    """One visitor, whose messages come after these seconds; the rows never refuse what the window allows."""
    with kept() as unit:
        limits, now = Limits(per_visitor=3, per_address=5), NOW
        for pause in pauses:
            now += timedelta(seconds=pause)
            allowed = limits.allow("one", "192.0.2.1", now)
            assert not allowed or limits.reserve(unit, "one", "192.0.2.1", now)


def test_several_processes_have_no_more_together() -> None:
    with kept() as unit:
        first, second = Limits(per_visitor=2), Limits(per_visitor=2)
        came = [one.reserve(unit, "one", "192.0.2.1", NOW) for one in (first, second, first, second)]
        assert came == [True, True, False, False]
        assert first.reserve(unit, "one", "192.0.2.1", NOW + timedelta(seconds=30))
        assert second.reserve(unit, "two", "192.0.2.1", NOW)
