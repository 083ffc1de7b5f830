"""Versions of the questionnaire: read with every fault, scored, kept."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.vocabulary import RiskLevel
from services.suitability import questionnaires
from services.suitability.questionnaire import Fault, FaultKind, Questionnaire, read
from storage import seeds
from storage.unit import Database, Unit
from tests.services.suitability.answering import PLAIN

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SAMPLE = questionnaires.packaged()


def changed(**values: Any) -> Questionnaire | list[Fault]:
    """The sample with other values, read from a file."""
    return read(yaml.safe_dump(dict(seeds.read(questionnaires.PACKAGED)) | values, allow_unicode=True).encode())


answers = st.fixed_dictionaries(
    {question.id: st.sampled_from([option.key for option in question.options]) for question in SAMPLE.questions}
)


@given(answers)
def test_every_sheet_of_answers_has_one_level_and_points_never_lower_it(given_answers: dict[str, str]) -> None:
    level, total = SAMPLE.level(given_answers), SAMPLE.score(given_answers)
    lowest = given_answers["q01"] == "B" or given_answers["q14"] == "A"
    bands = {19: RiskLevel.C1, 39: RiskLevel.C2, 59: RiskLevel.C3, 79: RiskLevel.C4, 100: RiskLevel.C5}
    expected = next(level for last, level in bands.items() if total <= last)
    assert 0 <= total <= 100
    assert level is (RiskLevel.C1_MIN if lowest else expected)


def test_what_is_kept_beside_the_level() -> None:
    assert (SAMPLE.level(PLAIN), SAMPLE.score(PLAIN)) == (RiskLevel.C4, 77)
    assert SAMPLE.records(PLAIN) == {"horizon": "3y_to_5y", "objective": "growth", "intended_products": "R3"}


UP, DOWN = ("C1", "C2"), ("C2", "C1")


def bands(names: tuple[str, ...], *ends: tuple[int, int]) -> dict[str, Any]:
    pairs = zip(names, ends, strict=True)
    return {"bands": [{"level": name, "from": first, "to": last} for name, (first, last) in pairs]}


def check(**values: Any) -> dict[str, Any]:
    return {"checks": [{"id": "x", "action": "to_staff", **values}]}


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"valid_days": 0}, Fault("valid_days", FaultKind.NOT_UNDERSTOOD)),
        ({"version": "a b"}, Fault("version", FaultKind.NOT_UNDERSTOOD)),
        ({"surprise": 1}, Fault("surprise", FaultKind.SURPLUS)),
        ({"limits": {"per_day": 3}}, Fault("limits.per_year", FaultKind.MISSING)),
        ({"questions": [*seeds.read(questionnaires.PACKAGED)["questions"]] * 2}, Fault("q01", FaultKind.TWICE)),
        (bands(UP, (0, 50), (52, 100)), Fault("bands", FaultKind.GAP)),
        (bands(("C1",), (0, 90)), Fault("bands", FaultKind.REACH)),
        (bands(DOWN, (0, 50), (51, 100)), Fault("bands", FaultKind.ORDER)),
        (check(answers={"q99": "A"}), Fault("checks.x", FaultKind.NO_ANSWER)),
        (check(age_question="q99"), Fault("checks.x", FaultKind.NO_ANSWER)),
        (check(), Fault("checks.x", FaultKind.WAYS)),
        (check(seconds=1, levels=1), Fault("checks.x", FaultKind.WAYS)),
    ],
)
def test_a_file_with_a_fault_is_told_with_its_place(values: dict[str, Any], fault: Fault) -> None:
    found = changed(**values)
    assert isinstance(found, list)
    assert fault in found


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"a: [", b"[]", b"1", b"version: [" + b"[" * 2000])
def test_what_is_no_questionnaire_is_said_to_be_none(raw: bytes) -> None:
    assert isinstance(read(raw), list)


def test_a_missing_language_is_a_fault() -> None:
    text = seeds.FOLDER.joinpath(questionnaires.PACKAGED).read_text(encoding="utf-8")
    found = read(text.replace(', en: "Yes"', "").encode())
    assert found == [Fault("q01", FaultKind.LANGUAGE)]


async def test_versions_are_kept_and_one_is_asked(database: Database) -> None:
    second = SAMPLE.model_copy(update={"version": "own-2", "valid_days": 365})

    def imported(unit: Unit) -> list[bool]:
        return [questionnaires.take(unit, each, "t", NOW) for each in (SAMPLE, SAMPLE, second, second)]

    assert await database.write(imported) == [True, False, True, False]
    assert await database.read(questionnaires.in_use) == second
    assert await database.read(lambda unit: questionnaires.of(unit, "sample-1")) == SAMPLE


async def test_a_known_version_cannot_be_changed(database: Database) -> None:
    other = SAMPLE.model_copy(update={"valid_days": 365})
    await database.write(lambda unit: questionnaires.take(unit, SAMPLE, "t", NOW))
    with pytest.raises(Refused, match="questionnaire_changed"):
        await database.write(lambda unit: questionnaires.take(unit, other, "t", NOW))
