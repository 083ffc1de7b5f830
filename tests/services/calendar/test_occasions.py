"""When the branch greets, and when it keeps still."""

from datetime import date, time, timedelta

import pytest

from bot.vocabulary import Purpose
from services.calendar import Audience, BranchCalendar, MourningDay, Occasions, occasions_on

OCCASIONS = Occasions.from_seed()
ALL_IDS = frozenset(each.id for each in OCCASIONS.occasions)

DAYS = {
    "new_year_day": (date(2026, 1, 1), date(2027, 1, 1)),
    "spring_festival": (date(2026, 2, 17), date(2027, 2, 6)),
    "lantern": (date(2026, 3, 3), date(2027, 2, 20)),
    "womens_day": (date(2026, 3, 8), date(2027, 3, 8)),
    "qingming": (date(2026, 4, 5), date(2027, 4, 5)),
    "mothers_day": (date(2026, 5, 10), date(2027, 5, 9)),
    "fathers_day": (date(2026, 6, 21), date(2027, 6, 20)),
    "dragon_boat": (date(2026, 6, 19), date(2027, 6, 9)),
    "qixi": (date(2026, 8, 19), date(2027, 8, 8)),
    "mid_autumn": (date(2026, 9, 25), date(2027, 9, 15)),
    "double_ninth": (date(2026, 10, 18), date(2027, 10, 8)),
    "winter_solstice": (date(2026, 12, 22), date(2027, 12, 22)),
    "laba": (date(2026, 1, 26), date(2027, 1, 15)),
}


@pytest.mark.parametrize("occasion", DAYS)
def test_occasions_fall_on_their_days(occasion: str) -> None:
    for expected in DAYS[occasion]:
        year = (date(expected.year, 1, 1) + timedelta(days=n) for n in range(365))
        assert [day for day in year if occasion in {each.id for each in occasions_on(day)}] == [expected]


def test_spring_festival_is_greeted_once_and_not_on_its_eve() -> None:
    assert [each.id for each in OCCASIONS.due_on(date(2026, 2, 17), OCCASIONS.default_on)] == ["spring_festival"]
    assert occasions_on(date(2026, 2, 16)) == ()


def test_nothing_on_the_ghost_festival() -> None:
    assert occasions_on(date(2026, 8, 27)) == occasions_on(date(2027, 8, 16)) == ()


def test_qingming_is_off_and_never_festive() -> None:
    (qingming,) = occasions_on(date(2026, 4, 5))
    assert (qingming.default_on, qingming.purpose) == (False, Purpose.SERVICE_NOTICE)
    assert OCCASIONS.due_on(date(2026, 4, 5), OCCASIONS.default_on) == ()
    assert [qingming.taboo_in(text) for text in ("清明快乐", "假期愉快🎉", "外出请注意防火")] == ["快乐", "愉快", None]


def test_dragon_boat_wants_its_own_wish() -> None:
    (dragon_boat,) = occasions_on(date(2026, 6, 19))
    assert dragon_boat.taboo_in("端午安康") is None
    assert dragon_boat.taboo_in("端午快乐，端午安康") == "快乐"
    assert dragon_boat.taboo_in("端午到了") == "安康"


def test_one_greeting_where_mid_autumn_meets_national_day() -> None:
    day = date(2031, 10, 1)
    assert {each.id for each in occasions_on(day)} == {"mid_autumn", "national_day"}
    assert [each.id for each in OCCASIONS.due_on(day, ALL_IDS)] == ["mid_autumn"]
    assert [each.id for each in OCCASIONS.due_on(day, ALL_IDS - {"mid_autumn"})] == ["national_day"]


def test_days_of_investor_education_are_no_greetings() -> None:
    for day in (date(2026, 3, 15), date(2026, 5, 15)):
        assert [each.purpose for each in OCCASIONS.due_on(day, ALL_IDS)] == [Purpose.EDUCATION]


def test_audiences_and_hours() -> None:
    audiences = {each.id: each.audience for each in OCCASIONS.occasions if each.audience is not Audience.ALL}
    assert audiences == {"womens_day": Audience.FEMALE, "double_ninth": Audience.OVER_60}
    assert (OCCASIONS.send_from, OCCASIONS.send_until) == (time(9), time(11))


def test_mourning_days_are_still() -> None:
    declared = OCCASIONS.with_mourning(MourningDay("test", on=date(2026, 10, 1)))
    assert OCCASIONS.mourning_on(date(2030, 12, 13)) is not None
    assert OCCASIONS.mourning_on(date(2026, 10, 1)) is None
    assert declared.mourning_on(date(2026, 10, 1)) is not None
    assert declared.due_on(date(2026, 10, 1), ALL_IDS) == ()
    assert declared.due_on(date(2027, 10, 1), ALL_IDS) != ()


def test_occasions_that_state_a_closure_have_one_in_every_packaged_year(calendar: BranchCalendar) -> None:
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(729)]
    stating = [day for day in days if any(each.closure for each in occasions_on(day))]
    assert len(stating) == 14
    assert all(calendar.closure_around(day) for day in stating)


def test_what_is_on_by_default_without_wording_is_education_only() -> None:
    unworded = {each.purpose for each in OCCASIONS.occasions if each.default_on and each.template is None}
    assert unworded == {Purpose.EDUCATION}


def test_a_rule_must_be_one() -> None:
    with pytest.raises(ValueError, match="yearly or one date"):
        MourningDay("test")
