"""Tables of clients: how they are read, and what is wrong with a row."""

import csv
import io
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Refused
from bot.vocabulary import Birthday, Gender, RiskLevel, Style
from services.client_import import checks, columns, days
from services.client_import.checks import Known
from services.client_import.columns import Field
from services.spreadsheet import workbook
from services.tables import sheets
from services.tables.cells import BadCell, Fault, Values

HEAD = ["客户号", "姓名", "手机号码", "证件号码", "生日"]
GOOD = ["A1", "欧阳·买买提", "138 0013 8000", "11010519491231002X", "1949-12-31"]
ID = GOOD[3]


def text(*rows: list[str]) -> str:
    """Rows as a CSV file."""
    written = io.StringIO()
    csv.writer(written).writerows([HEAD, *rows])
    return written.getvalue()


def read(path: Path, raw: bytes) -> list[sheets.Row]:
    """The rows of a file with this content."""
    path.write_bytes(raw)
    return list(sheets.rows(path))


def check(heading: list[str], cells: list[str]) -> tuple[Values, list[BadCell]]:
    """What a row says."""
    known = Known(date(2026, 11, 23), {"s03": 3}, columns.places(heading, {}), len(heading))
    return checks.checked(sheets.Row(2, tuple(cells)), known)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_table_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path / "a.csv", text(GOOD).encode(encoding))
    assert found == [sheets.Row(1, tuple(HEAD)), sheets.Row(2, tuple(GOOD))]


def test_a_workbook_is_read_with_numbers_as_typed(tmp_path: Path) -> None:
    found = read(tmp_path / "a.xlsx", workbook({"a": [HEAD, ["A1", "王岚", 13800138000, "", "农历八月十五"]]}))
    assert found[1] == sheets.Row(2, ("A1", "王岚", "13800138000", "", "农历八月十五"))


@pytest.mark.parametrize("raw", [b"", b"\n\n", b'"a,b\n', b"PK\x03\x04rest", b"\xff\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(Refused, match="import_unreadable"):
        read(tmp_path / "a", raw)


def test_a_row_may_go_over_lines_and_a_stray_quote_takes_no_neighbour(tmp_path: Path) -> None:
    raw = b'a,b,c\n1,"x\ny",2\n3,"z,4\n5,6,7\n8,"9,10\n'
    found = read(tmp_path / "a.csv", raw)
    assert [(row.line, row.readable) for row in found] == [(1, True), (2, True), (4, False), (5, True), (6, False)]
    assert found[1].cells == ("1", "x\ny", "2")


def test_a_zero_spoils_its_own_row_only(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b"a,b\n\0\n1,2\n")[2] == sheets.Row(3, ("1", "2"))


def test_a_file_full_of_stray_quotes_is_read_to_its_end(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", b"number,name\n" + b'1,"x\n' * 5000 + b"2,y\n")
    assert [row.readable for row in found] == [True, *[False] * 5000, True]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(place=st.floats(0, 0.999), signs=st.binary(min_size=1, max_size=8))
def test_no_broken_workbook_breaks_the_reader(tmp_path: Path, place: float, signs: bytes) -> None:
    whole = bytearray(workbook({"a": [HEAD, GOOD]}))
    start = 4 + int(place * (len(whole) - 4))
    whole[start : start + len(signs)] = signs
    with suppress(Refused):
        assert all(row.cells for row in read(tmp_path / "a.xlsx", bytes(whole)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(junk=st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"")), max_size=5), data=st.data())
def test_no_fuzzed_line_costs_a_good_row(tmp_path: Path, junk: list[bytes], data: st.DataObject) -> None:
    good = [f"G{place},王岚,13800138000,{ID},1949-12-31".encode() for place in range(3)]
    mixed = data.draw(st.permutations([*junk, *good]))
    found = read(tmp_path / "a.csv", b"\n".join([",".join(HEAD).encode(), *mixed]))
    known = Known(date(2026, 11, 23), {}, columns.places(HEAD, {}), len(HEAD))
    taken = [values[Field.NUMBER] for values, bad in (checks.checked(row, known) for row in found[1:]) if not bad]
    assert {"G0", "G1", "G2"} <= set(taken)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda said: text([said] * 5).encode()))
def test_no_file_breaks_the_reader(tmp_path: Path, raw: bytes) -> None:
    with suppress(Refused):
        heading, *body = read(tmp_path / "a", raw)
        known = Known(date(2026, 11, 23), {}, columns.places(heading.cells, {}), len(heading.cells))
        assert all(values or bad for values, bad in (checks.checked(row, known) for row in body))


def test_headings_are_known_in_both_languages_and_by_a_mapping() -> None:
    assert columns.places(["Client_Number", "　姓名", "x"], {}) == {Field.NUMBER: 0, Field.NAME: 1}
    assert columns.places(["客户号", "旧号"], {"旧号": "number"}) == {Field.NUMBER: 1}
    for heading, mapping in ((["姓名"], {}), (["客户号", "number"], {}), (["客户号"], {"旧号": "name"})):
        with pytest.raises(Refused):
            columns.places(heading, mapping)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1990年3月7日", Birthday(3, 7, 1990)),
        ("2-29", Birthday(2, 29)),
        ("19900307", Birthday(3, 7, 1990)),
        ("农历八月十五", Birthday(8, 15, lunar=True)),
        ("农历1990年闰五月初十", Birthday(5, 10, 1990, lunar=True, leap=True)),
        ("阴历腊月二十三", Birthday(12, 23, lunar=True)),
        ("正月初一", Birthday(1, 1, lunar=True)),
        ("冬月三十", Birthday(11, 30, lunar=True)),
        ("lunar 1990-8-15", Birthday(8, 15, 1990, lunar=True)),
        ("1990-02-30", None),
        ("农历十三月初一", None),
        ("农历八月三十一", None),
        ("someday", None),
    ],
)
def test_birthdays_are_read_as_people_write_them(said: str, meant: Birthday | None) -> None:
    assert days.birthday(said) == meant


@pytest.mark.parametrize("name", ["欧阳晓岚", "阿卜杜拉·买买提", "Anne-Marie O'Neil", "José da Silva", "𠮷田"])
def test_names_stay_whole(name: str) -> None:
    assert check(["number", "name"], ["1", name]) == ({Field.NUMBER: "1", Field.NAME: name}, [])


def test_the_dot_of_a_name_is_written_one_way() -> None:
    assert check(["number", "name"], ["1", "迪丽•热巴"])[0][Field.NAME] == "迪丽·热巴"


@pytest.mark.parametrize(
    ("column", "said", "meant"),
    [
        ("phone", "+86 138-0013-8000", "13800138000"),
        ("email", "a.b@example.com", "a.b@example.com"),
        ("identity", "11010519491231002x", ID),
        ("identity", "E12345678", "E12345678"),
        ("gender", "女", Gender.FEMALE),
        ("risk_level", "稳健型", RiskLevel.C3),
        ("style", "稳健型", Style.STEADY),
        ("prefers", "基金、股票;ETF, 可转债", "share,fund,bond"),
        ("prefers", "基金、古董", Fault.NO_CHOICE),
        ("prefers", "、", Fault.WRONG),
        ("branch", "0102 人民路营业部", "0102 人民路营业部"),
        ("branch", "甲" * 65, Fault.TOO_LONG),
        ("manager", "s03", 3),
        ("opened_on", "2020/1/2", date(2020, 1, 2)),
        ("phone", "12", Fault.WRONG),
        ("email", "a@b", Fault.WRONG),
        ("identity", "110105194912310021", Fault.CHECK_DIGIT),
        ("identity", "110105194902300012", Fault.WRONG),
        ("birthday", "2027-01-01", Fault.FUTURE),
        ("gender", "?", Fault.NO_CHOICE),
        ("manager", "s99", Fault.NOBODY),
        ("name", "1234", Fault.WRONG),
        ("name", "a\x00b", Fault.SIGNS),
        ("name", "甲" * 121, Fault.TOO_LONG),
    ],
)
def test_each_cell_is_taken_or_refused_with_its_reason(column: str, said: str, meant: object) -> None:
    values, bad = check(["number", column], ["1", said])
    if isinstance(meant, Fault):
        assert bad == [BadCell(column, meant)]
    else:
        assert values[Field(column)] == meant


@pytest.mark.parametrize(
    ("born", "bad"),
    [
        ("1949-12-31", []),
        ("12-31", []),
        ("农历八月十五", []),
        ("1949-12-30", [BadCell("birthday", Fault.OTHER_BIRTHDAY)]),
    ],
)
def test_a_birthday_agrees_with_the_one_in_the_id_number(born: str, bad: list[BadCell]) -> None:
    assert check(HEAD, ["A1", "王岚", "", ID, born])[1] == bad


def test_a_row_of_another_width_or_without_a_number_is_told() -> None:
    assert check(HEAD, ["A1"])[1] == [BadCell("", Fault.WIDTH)]
    assert check(HEAD, ["", "王岚", "", "", ""])[1] == [BadCell("number", Fault.MISSING)]


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 30), st.none() | st.integers(1890, 2026), st.booleans(), st.booleans())
def test_a_birthday_that_was_written_is_read_again(
    month: int, on: int, year: int | None, lunar: bool, leap: bool
) -> None:
    born = Birthday(month, min(on, 28), year, lunar, leap and lunar)
    assert days.birthday(days.written(born)) == born
