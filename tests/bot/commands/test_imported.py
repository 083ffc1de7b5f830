"""Days in lists of what was imported are the branch's, not those of London."""

from datetime import UTC, date, datetime

import pytest
from typer import Typer
from typer.testing import CliRunner

from bot.commands import calendar, questionnaire
from services import calendars
from services.suitability import questionnaires
from services.suitability.questionnaire import Questionnaire, read
from storage import seeds
from storage.unit import Database, Unit

EVENING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""An hour past midnight at the branch."""


def fill(unit: Unit) -> None:
    """What was imported then."""
    sample = read((seeds.FOLDER / "suitability" / "questionnaire.yaml").read_bytes())
    assert isinstance(sample, Questionnaire)
    questionnaires.take(unit, sample, "me", EVENING)
    calendars.load_packaged(unit, EVENING)


@pytest.mark.parametrize("app", [calendar.app, questionnaire.app])
def test_the_day_of_an_import_is_the_branch_s(filled: Database, app: Typer) -> None:
    done = CliRunner().invoke(app, ["list"])
    assert done.exception is None
    assert {line.split()[-1] for line in done.output.splitlines()[1:]} == {date(2026, 11, 24).isoformat()}
