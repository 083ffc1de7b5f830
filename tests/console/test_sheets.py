"""The editor's sheet: what is laid out in it comes back the same, and nothing that a form holds breaks it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData, UploadFile

from bot.vocabulary.conditions import All, Condition, Test, document, parse
from bot.vocabulary.fields import Operator
from console.sheets import MATCHES, Block, Row, Sheet, filled_in, laid_out
from services.lessons import library
from services.segments import packaged
from tests.storage.crowd import crowd
from tests.storage.drawing import CONDITIONS, LISTS, TESTS
from tests.storage.slow_reading import Lists, holds

PEOPLE = crowd(15)
TAGGED = parse({"field": "tag", "is": "has", "value": "两融"})
LISTED: Lists = {LISTS[0]: {one.client.number for one in PEOPLE[::2]}, LISTS[1]: set()}


def written(sheet: Sheet) -> FormData:
    """The form as a browser sends it."""
    fields: list[tuple[str, str | UploadFile]] = [("name", sheet.name), ("note", sheet.note)]
    for at, block in enumerate(sheet.blocks):
        fields.append((f"match-{at}", block.match))
        for no, row in enumerate(block.rows):
            place = f"{at}.{no}"
            fields += [("row", place), (f"field-{place}", row.name), (f"is-{place}", row.operator)]
            fields += [(f"value-{place}", value) for value in row.values]
    return FormData(fields)


def plain(condition: Condition) -> Condition:
    """Without the brackets around a single row."""
    return condition.parts[0] if isinstance(condition, All) and len(condition.parts) == 1 else condition


@given(st.lists(TESTS, min_size=1, max_size=4), st.sampled_from(["all", "any"]))
def test_rows_come_back_as_they_were_laid_out(tests: list[Condition], match: str) -> None:
    condition = parse({match: [document(test) for test in tests]})
    blocks = laid_out(condition)
    assert blocks is not None
    sheet = Sheet("名", "注", blocks)
    assert filled_in(written(sheet)) == sheet
    assert sheet.complete
    assert sheet.condition() == plain(condition)


@given(CONDITIONS)
def test_what_is_laid_out_means_the_same_and_the_rest_is_not_laid_out(condition: Condition) -> None:
    blocks = laid_out(condition)
    if blocks is not None:
        again = Sheet(blocks=blocks).condition()
        assert [holds(again, one, LISTED) for one in PEOPLE] == [holds(condition, one, LISTED) for one in PEOPLE]


def test_every_packaged_segment_can_be_edited_from_a_copy() -> None:
    for meaning in packaged.meanings():
        condition = parse(meaning.condition)
        blocks = laid_out(condition)
        assert blocks is not None, meaning.name
        assert Sheet(blocks=blocks).complete


def test_groups_of_none_and_any_stand_inside_the_whole() -> None:
    tag = {"field": "tag", "is": "has", "value": "两融"}
    condition = parse({"all": [tag, {"not": {"any": [tag, tag]}}, {"any": [tag, tag]}]})
    blocks = laid_out(condition)
    assert blocks is not None
    assert [block.match for block in blocks] == ["all", "none", "any"]
    assert Sheet(blocks=blocks).condition() == condition
    assert laid_out(parse({"all": [tag, {"any": [tag, {"all": [tag, tag]}]}]})) is None


@pytest.mark.parametrize(
    ("deed", "shape"),
    [
        ("row-0", [2, 1]),
        ("group", [1, 1, 1]),
        ("drop-0.0", [0, 1]),
        ("ungroup-1", [1]),
        ("ungroup-0", [1, 1]),
        ("drop-7.1", [1, 1]),
        ("row-x", [1, 1]),
        pytest.param(f"row-{'9' * 5000}", [1, 1], id="more digits than a number has"),
        pytest.param(f"drop-0.{'9' * 5000}", [1, 1], id="the same after the point"),
        ("", [1, 1]),
    ],
)
def test_buttons_change_the_sheet(deed: str, shape: list[int]) -> None:
    sheet = Sheet(blocks=(Block(rows=(Row(),)), Block(rows=(Row(),))))
    assert [len(block.rows) for block in sheet.changed(deed).blocks] == shape


def test_unfinished_rows_are_left_out_and_told() -> None:
    sheet = Sheet(blocks=(Block("all", (Row("tag", "has", ("两融",)), Row("age", "between", ("65", "18")))),))
    assert not sheet.complete
    assert sheet.condition() == parse({"field": "tag", "is": "has", "value": "两融"})


KEYS = st.sampled_from(["row", "match-0", "match-1", "field-0.0", "is-0.0", "value-0.0", "field-1.0", "name"])
VALUES = st.sampled_from(["0.0", "1.0", "99.99", "²", *MATCHES, "tag", "age", "has", "between", "12", "x"]) | st.text()


@given(st.lists(st.tuples(KEYS, VALUES), max_size=12))
def test_no_form_breaks_it(fields: list[tuple[str, str | UploadFile]]) -> None:
    sheet = filled_in(FormData(fields))
    assert parse(document(sheet.condition())) is not None


def test_several_words_of_ones_own_have_a_box_each_and_one_to_add_another() -> None:
    """The browser sends back only what has a box."""
    condition = parse({"field": "manager", "is": "in", "value": ["1001", "1002"]})
    blocks = laid_out(condition)
    assert blocks is not None
    row = blocks[0].rows[0]
    assert row.boxes == 3
    shown = replace(row, values=(*row.values, "")[: row.boxes])
    assert filled_in(written(Sheet(blocks=(Block(rows=(shown,)),)))).condition() == condition
    assert Row("manager", "in").boxes == 1
    assert Row("manager", "in", ("", "", "1003", "")).boxes == 4
    assert Row("asset_band", "in", ("to_10", "from_10")).boxes == 1


def test_a_group_without_rows_is_not_laid_out() -> None:
    """An empty group means nobody, and the editor leaves empty groups out."""
    assert laid_out(parse({"all": [document(TAGGED), {"any": []}]})) is None
    assert laid_out(parse({"any": []})) is not None


def test_the_editor_offers_what_is_taught() -> None:
    row = Row("course", "has", ("fund-basics",))
    assert (row.kind, row.choices) == ("one", tuple(course.id for course in library.packaged().courses))
    assert row.condition() == Test("course", Operator.HAS, "fund-basics")
    assert Row("lesson", "has_not", ("fund-basics",)).condition() is None
