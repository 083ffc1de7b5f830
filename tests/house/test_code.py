"""The Python files keep the rules of the house, and each rule can find a fault."""

import pytest

from tests.house import rules
from tests.house.sources import ROOMS, Source, python_files

SHARE_OF_SHORT_ONES = 0.9
USUAL_FILE = 300
USUAL_FUNCTION = 28
USUAL_TEST = 25

BAD: dict[rules.Rule, Source] = {
    rules.no_chinese: Source("handlers/questions.py", 'GREETING = "你好"'),
    rules.one_commit: Source("storage/repositories/clients.py", "def add(session):\n    session.commit()"),
    rules.one_clock: Source("services/care.py", "import datetime\nnow = datetime.datetime.now(tz)"),
    rules.no_print: Source("bot/app.py", "print('ready')"),
    rules.telling_name: Source("services/utils/dates.py", ""),
    rules.short_file: Source("services/care.py", "\n" * 451),
    rules.short_functions: Source("services/care.py", "def greet():\n" + "    pass\n" * 70),
    rules.standard_library_only: Source("bot/vocabulary/clients.py", "import pydantic"),
}

GOOD: dict[rules.Rule, Source] = {
    rules.no_chinese: Source("storage/seeds/occasions.py", 'FESTIVAL = "春节"'),
    rules.one_commit: Source("storage/unit.py", "session.commit()"),
    rules.one_clock: Source("services/care.py", "import time\nstart = time.monotonic()\nnow = clock.now()"),
    rules.no_print: Source("benchmarks/outbound.py", "print('1,000/s')"),
    rules.telling_name: Source("services/communities.py", ""),
    rules.short_file: Source("services/care.py", "\n" * 450),
    rules.short_functions: Source("services/care.py", "def greet():\n" + "    pass\n" * 69),
    rules.standard_library_only: Source("bot/vocabulary/clients.py", "import enum\nfrom bot.vocabulary import staff"),
}


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: rules.Rule) -> None:
    faults = [f"{source.path}:{fault}" for source in python_files() for fault in rule(source)]
    assert not faults, "\n".join([str(rule.__doc__), *faults])


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_rule_tells_bad_from_good(rule: rules.Rule) -> None:
    assert list(rule(BAD[rule]))
    assert not list(rule(GOOD[rule]))


@pytest.mark.parametrize(
    "text", ["from time import time", "import time\ntime.time()", "from datetime import date\ndate.today()"]
)
def test_every_way_to_ask_the_machine_for_the_time_is_found(text: str) -> None:
    assert list(rules.one_clock(Source("services/care.py", text)))


def test_the_rooms_are_read() -> None:
    assert {source.path.split("/")[0] for source in python_files()} >= {*ROOMS, "tests"}


def share_up_to(limit: int, lengths: list[int]) -> float:
    """The share of lengths within a limit; of nothing, everything is."""
    return sum(length <= limit for length in lengths) / len(lengths) if lengths else 1.0


def test_most_files_are_short() -> None:
    sources = [source for source in python_files() if not source.within(*rules.LONG_BY_NATURE)]
    assert share_up_to(USUAL_FILE, [len(source.lines) for source in sources]) >= SHARE_OF_SHORT_ONES


@pytest.mark.parametrize(
    ("folders", "limit"), [(ROOMS, USUAL_FUNCTION), (("tests",), USUAL_TEST)], ids=["code", "tests"]
)
def test_most_functions_are_short(folders: tuple[str, ...], limit: int) -> None:
    sources = [source for source in python_files(*folders) if not source.within(*rules.LONG_BY_NATURE)]
    lengths = [rules.length(function) for source in sources for function in rules.functions(source)]
    assert share_up_to(limit, lengths) >= SHARE_OF_SHORT_ONES


def test_the_share_counts() -> None:
    assert share_up_to(28, [10, 28, 29, 70]) == 0.5
