"""How pages mask persons and write times."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.texts.words import Catalogue
from bot.vocabulary import Locale
from console import masking
from console.times import Times
from tests.console.stand import MONDAY, hours

CATALOGUE = Catalogue.load("console")


def times(locale: Locale = Locale.ZH_CN) -> Times:
    return Times(CATALOGUE.of(locale), MONDAY)


@pytest.mark.parametrize(("clear", "masked"), [("13812341234", "138****1234"), ("021-5555", "****55")])
def test_phones_keep_their_ends(clear: str, masked: str) -> None:
    assert masking.phone(clear) == masked


def test_free_text_loses_phones_and_ids_and_keeps_codes() -> None:
    masked = masking.text("我的电话13812341234，身份证11010119900615001X，600519能买吗")
    assert masked == "我的电话138****1234，身份证110****001X，600519能买吗"
    assert masking.text("编号ZX20261124-0003，账号ZX20261124") == "编号ZX20261124-0003，账号ZX202****1124"


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (datetime(2026, 11, 23, 6, 5, tzinfo=UTC), "14:05"),
        (datetime(2026, 11, 22, 6, 5, tzinfo=UTC), "昨天 14:05"),
        (datetime(2026, 11, 20, 16, 30, tzinfo=UTC), "11-21 00:30"),
        (datetime(2025, 11, 20, 1, 0, tzinfo=UTC), "2025-11-20 09:00"),
    ],
)
def test_instants_are_as_short_as_they_can_be(at: datetime, written: str) -> None:
    assert times().short(at) == written


def test_full_instants_name_the_weekday_in_each_language() -> None:
    assert times().full(MONDAY) == "11月23日 周一 10:00"
    assert times(Locale.EN).full(MONDAY) == "Mon 23 Nov 10:00"


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(minutes=-90), "已逾期 1 小时 30 分"),
        (timedelta(minutes=110), "剩 1 小时 50 分"),
        (timedelta(days=3), "剩 3 个工作日"),
        (timedelta(days=7), "剩 5 个工作日"),
    ],
)
def test_deadlines_are_told_in_working_days(span: timedelta, written: str) -> None:
    assert times().left(MONDAY + span, hours().calendar) == written


@pytest.mark.parametrize(("seconds", "how"), [(59, "calm"), (60, "warn"), (180, "late")])
def test_waiting_grows_urgent(seconds: int, how: str) -> None:
    assert times().patience(MONDAY - timedelta(seconds=seconds)) == how
