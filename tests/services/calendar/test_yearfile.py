"""A year's file: read as meant, or refused with every fault and its line."""

from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendar import CalendarYear, FaultKind, read_year, statutory_days

# without its comment, which names the fields
GOOD = files("storage.seeds").joinpath("calendar", "cn_2026.yaml").read_text("utf-8")
GOOD = "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith("#"))


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def faults_of(text: str) -> list[tuple[int, FaultKind]]:
    read = read_year(text.encode())
    assert isinstance(read, tuple)
    return [(each.line, each.kind) for each in read]


def test_the_packaged_year_is_read_as_written() -> None:
    year = read_year(GOOD.encode())
    assert isinstance(year, CalendarYear)
    assert (year.year, len(year.days_off), len(year.market_closed), len(year.make_up_workdays)) == (2026, 7, 7, 6)
    assert (year.days_off[1].name, year.days_off[1].first) == ("春节", date(2026, 2, 15))
    assert date(2026, 2, 23) in year.days_off[1]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("{name: 元旦, on: 2026-01-04}", "{name: 元旦, on: 2026-01-05}", FaultKind.MAKE_UP_ON_WEEKDAY),
        ("{name: 元旦, on: 2026-01-04}", "{name: 元旦, on: 2026-01-03}", FaultKind.MAKE_UP_IS_DAY_OFF),
        ("{name: 元旦, on: 2026-01-04}", "{name: 元旦, on: 2026-02-30}", FaultKind.NOT_UNDERSTOOD),
        ("{name: 元旦, on: 2026-01-04}", "{name: 元旦, on: 2025-11-29}", FaultKind.OUTSIDE_YEAR),
        ("{name: 元旦, on: 2026-01-04}", "{name: 元旦}", FaultKind.MISSING),
        ("{name: 元旦, on: 2026-01-04}", "{name: '', on: 2026-01-04}", FaultKind.NOT_UNDERSTOOD),
        ("{name: 元旦, on: 2026-01-04}", "{name: 元旦, on: 2026-01-04, to: 1}", FaultKind.UNKNOWN_FIELD),
        ("{name: 春节, on: 2026-02-28}", "{name: 春节, on: 2026-02-14}", FaultKind.TWICE),
    ],
)
def test_one_fault_is_found_at_its_line(old: str, new: str, kind: FaultKind) -> None:
    text = GOOD.replace(old, new)
    assert faults_of(text) == [(line_of(GOOD, old), kind)]


def test_a_reversed_range_is_found_at_its_line() -> None:
    text = GOOD.replace("from: 2026-04-04, to: 2026-04-06", "from: 2026-04-06, to: 2026-04-04", 1)
    assert faults_of(text) == [(line_of(text, "to: 2026-04-04"), FaultKind.ENDS_BEFORE_START)]


def test_a_weekday_off_on_which_the_market_would_be_open() -> None:
    text = GOOD.replace("from: 2026-02-15, to: 2026-02-23", "from: 2026-02-15, to: 2026-02-24", 1)
    assert faults_of(text) == [(line_of(text, "2026-02-24"), FaultKind.MARKET_OPEN_ON_DAY_OFF)]


def test_a_table_that_does_not_fit_the_moon_is_refused() -> None:
    text = GOOD.replace("from: 2026-09-25, to: 2026-09-27", "from: 2026-10-08, to: 2026-10-08")
    read = read_year(text.encode())
    assert isinstance(read, tuple)
    absent = [(each.line, each.detail) for each in read if each.kind is FaultKind.STATUTORY_DAY_ABSENT]
    assert absent == [(line_of(text, field) + 1, "2026-09-25") for field in ("days_off:", "market_closed:")]


def test_all_faults_are_listed_together() -> None:
    text = GOOD.replace("year: 2026", "year: soon").replace("source:", "quelle:").replace("on: 2026-02-14", "on: x")
    kinds = [kind for _, kind in faults_of(text)]
    assert sorted(kinds) == ["missing", "not_understood", "not_understood", "unknown_field"]


def test_a_field_given_twice_is_not_dropped_silently() -> None:
    text = GOOD + "year: 2026\n"
    assert faults_of(text) == [(len(text.splitlines()), FaultKind.REPEATED_FIELD)]


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\x00", b"year: [", b"a: \x00", b"year: &a 2026\nsource: *a", b"[" * 50_000],
)
def test_what_is_no_document_is_refused(raw: bytes) -> None:
    read = read_year(raw)
    assert isinstance(read, tuple)
    assert [each.kind for each in read] == [FaultKind.UNREADABLE]


@pytest.mark.parametrize("raw", [b"2026", b"- 1", b"{}"])
def test_a_document_of_another_shape_is_refused(raw: bytes) -> None:
    assert isinstance(read_year(raw), tuple)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_input_breaks_the_reader(raw: bytes) -> None:
    read = read_year(raw)
    assert isinstance(read, tuple)
    assert [each.line for each in read if not 1 <= each.line <= 201] == []
    assert read


def test_statutory_days_of_an_unpublished_year() -> None:
    assert [(day.month, day.day) for day in statutory_days(2027)] == [
        (1, 1),
        (2, 6),
        (4, 5),
        (5, 1),
        (6, 9),
        (9, 15),
        (10, 1),
    ]
