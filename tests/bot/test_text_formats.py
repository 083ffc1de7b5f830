"""Dates, times and amounts as each locale writes them."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import TextParametersWrong
from bot.texts.formats import Formats
from bot.vocabulary import Locale
from tests import packaged

FORMATS = packaged.texts().formats
CHINESE = FORMATS[Locale.ZH_CN]
LATE = datetime(2026, 9, 30, 16, 5, tzinfo=UTC)  # 00:05 of the next day at the branch


def write(name: str, value: object, formats: Formats = CHINESE) -> str:
    return formats.filters()[name](value)


@pytest.mark.parametrize(
    ("name", "value", "chinese", "english"),
    [
        ("day", date(2026, 10, 1), "10月1日", "1 Oct"),
        ("day", LATE, "10月1日", "1 Oct"),
        ("date", date(2027, 2, 3), "2027年2月3日", "3 Feb 2027"),
        ("instant", LATE, "10月1日00:05", "1 Oct 00:05"),
        ("instant", "2026-10-01T14:05:00+08:00", "10月1日14:05", "1 Oct 14:05"),
        ("instant", date(2026, 10, 1), "10月1日", "1 Oct"),
        ("time", LATE, "00:05", "00:05"),
        ("time", time(14, 5), "14:05", "14:05"),
        ("time", "22:00", "22:00", "22:00"),
        ("time", "2026-10-01T06:05:00Z", "14:05", "14:05"),
        ("money", Decimal("12345.6"), "12,345.60元", "CNY 12,345.60"),
        ("money", "-0.5", "-0.50元", "CNY -0.50"),
        ("number", Decimal("1234.500"), "1,234.500", "1,234.500"),
        ("percent", Decimal("1.3"), "130%", "130%"),
        ("percent", "1.352", "135.2%", "135.2%"),
        ("percent", 0, "0%", "0%"),
    ],
)
def test_each_locale_writes_its_own_way(name: str, value: object, chinese: str, english: str) -> None:
    assert write(name, value, FORMATS[Locale.ZH_CN]) == chinese
    assert write(name, value, FORMATS[Locale.EN]) == english


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", "tomorrow"),
        ("day", 20261001),
        ("instant", datetime(2026, 10, 1, 14, 5)),  # noqa: DTZ001 - a naive instant is the fault
        ("instant", "2026-10-01T14:05:00"),
        ("time", date(2026, 10, 1)),
        ("time", "noon"),
        ("money", 0.1),
        ("money", True),
        ("money", "a lot"),
        ("percent", None),
    ],
)
def test_values_that_would_be_guessed_at_are_refused(name: str, value: object) -> None:
    with pytest.raises(TextParametersWrong, match=f"type {type(value).__name__} "):
        write(name, value)


ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=5))])


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=ZONES))  # noqa: DTZ001 - hypothesis sets the zone
def test_an_instant_reads_the_same_after_a_stay_in_json(instant: datetime) -> None:
    for name in ("day", "date", "instant", "time"):
        assert write(name, instant.isoformat()) == write(name, instant)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_money_shows_every_fen(amount: Decimal) -> None:
    shown = write("money", amount)
    assert Decimal(shown.removesuffix("元").replace(",", "")) == amount
    assert write("money", str(amount)) == shown
