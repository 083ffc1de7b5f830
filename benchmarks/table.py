"""The figures as a table, and its place in README.md."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- figures: {part} -->", "<!-- end of figures: {part} -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured under which conditions, what came out, and what it should be."""

    what: str
    conditions: str
    figure: str
    goal: str = ""


def drawn(rows: Sequence[Row]) -> str:
    """The rows in Markdown below a line on the day and the machine."""
    lines = [f"| {row.what} | {row.conditions} | {row.figure} | {row.goal} |" for row in rows]
    return "\n".join([_machine(), "", "| what | conditions | figure | goal |", "| --- | --- | --- | --- |", *lines])


def keep(part: str, table: str) -> None:
    """Put the table between its marks in README.md."""
    begin, end = BEGIN.format(part=part), END.format(part=part)
    before, _, rest = README.read_text().partition(begin)
    _, _, after = rest.partition(end)
    README.write_text(f"{before}{begin}\n{table}\n{end}{after}")


def _machine() -> str:
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return f"Measured on {today}: {os.cpu_count()} cores, Python {platform.python_version()}, load average {loads}."
