"""Decision records are numbered without a gap, have their four parts and stand in the list."""

import re
from pathlib import Path

from tests.house.sources import ROOT

FOLDER = ROOT / "docs" / "decisions"
PARTS = ["Context", "Decision", "Consequences", "Alternatives"]
NAME = re.compile(r"(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md")


def records(folder: Path) -> list[Path]:
    """All records."""
    return sorted(path for path in folder.glob("*.md") if path.name != "README.md")


def faults(folder: Path) -> list[str]:
    """What is wrong with the records of a folder."""
    index = (folder / "README.md").read_text("utf-8")
    found = []
    for number, path in enumerate(records(folder), 1):
        text = path.read_text("utf-8")
        if not NAME.fullmatch(path.name) or int(path.name[:4]) != number:
            found.append(f"{path.name}: is not number {number:04}")
        if not text.startswith(f"# {number}. "):
            found.append(f"{path.name}: the title does not begin with '# {number}. '")
        found += [f"{path.name}: no part {part}" for part in PARTS if f"\n## {part}\n" not in text]
        if f"({path.name})" not in index:
            found.append(f"{path.name}: not in the list")
    return found


def test_the_records_are_in_order() -> None:
    assert records(FOLDER)
    assert faults(FOLDER) == []


def test_a_gap_a_missing_part_and_an_unlisted_record_are_found(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("[1](0001-first.md)")
    parts = "".join(f"\n## {part}\n" for part in PARTS)
    (tmp_path / "0001-first.md").write_text(f"# 1. First\n{parts}")
    (tmp_path / "0003-third.md").write_text("# 3. Third\n")
    assert len(faults(tmp_path)) == 1 + 1 + len(PARTS) + 1
