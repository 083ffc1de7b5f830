"""Rules of the house about Python files. Each gives the faults it finds in one file, as `line: what`."""

import ast
import re
import sys
from collections.abc import Callable, Iterator

from tests.house.sources import Source

Rule = Callable[[Source], Iterator[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
WORDS_ALLOWED = ("tests", "storage/seeds", "storage/migrations")
VAGUE = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
PRESENT = {
    "date.today",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.time",
    "time.time_ns",
}
CLOCKS = {
    "bot/clock.py": "it is the one source of time",
    "benchmarks": "they measure the machine, not the branch",
}
LONGEST_FILE = 450
LONGEST_FUNCTION = 70
LONG_BY_NATURE = ("storage/migrations", "storage/seeds")


def no_chinese(source: Source) -> Iterator[str]:
    """Words live in templates and seeds."""
    if not source.within(*WORDS_ALLOWED):
        yield from (f"{number}: Chinese" for number, line in enumerate(source.lines, 1) if CHINESE.search(line))


def one_commit(source: Source) -> Iterator[str]:
    """Only the unit commits; tests may prepare a database by hand."""
    if not source.within("storage/unit.py", "tests"):
        yield from (f"{call.lineno}: commits" for call in _calls(source) if _name(call).endswith(".commit"))


def one_clock(source: Source) -> Iterator[str]:
    """Everything takes the time from one clock, so that tests can move it; monotonic spans are no time of day."""
    if not source.within(*CLOCKS):
        yield from (f"{call.lineno}: asks {_name(call)}" for call in _calls(source) if _name(call) in PRESENT)
        yield from (f"{node.lineno}: imports time.time" for node in _imports_of_time(source))


def no_print(source: Source) -> Iterator[str]:
    """Output is a log line, a page or a command's answer; only benchmarks print their table."""
    if not source.within("benchmarks"):
        yield from (f"{call.lineno}: prints" for call in _calls(source) if _name(call) == "print")


def telling_name(source: Source) -> Iterator[str]:
    """A module is named after what it holds."""
    if vague := VAGUE.intersection(source.path.removesuffix(".py").split("/")):
        yield f"0: is called {', '.join(sorted(vague))}"


def short_file(source: Source) -> Iterator[str]:
    """A file can be read at one go."""
    if len(source.lines) > LONGEST_FILE and not source.within(*LONG_BY_NATURE):
        yield f"{len(source.lines)}: has more than {LONGEST_FILE} lines"


def short_functions(source: Source) -> Iterator[str]:
    """A function fits a screen."""
    if not source.within(*LONG_BY_NATURE):
        for function in functions(source):
            if length(function) > LONGEST_FUNCTION:
                yield f"{function.lineno}: {function.name} has {length(function)} lines"


def standard_library_only(source: Source) -> Iterator[str]:
    """The vocabulary can be used by everyone because it needs nobody."""
    if source.within("bot/vocabulary"):
        for line, module in imported(source):
            if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith("bot.vocabulary"):
                yield f"{line}: imports {module}"


RULES: tuple[Rule, ...] = (
    no_chinese,
    one_commit,
    one_clock,
    no_print,
    telling_name,
    short_file,
    short_functions,
    standard_library_only,
)


def functions(source: Source) -> Iterator[Function]:
    """Every function and method."""
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines from the `def` to the end, without decorators."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """Line and full name of every imported module."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def _calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    """`date.today`, `.commit` after what has no name; writing the whole expression out took ten times as long."""
    return _dotted(call.func)


def _dotted(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return f"{_dotted(expression.value)}.{expression.attr}"
    return expression.id if isinstance(expression, ast.Name) else ""


def _imports_of_time(source: Source) -> Iterator[ast.ImportFrom]:
    nodes = (node for node in ast.walk(source.tree) if isinstance(node, ast.ImportFrom) and node.module == "time")
    return (node for node in nodes if {alias.name for alias in node.names} & {"time", "time_ns"})
