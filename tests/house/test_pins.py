"""What is installed is what the project asks for: every dependency is pinned, hashed and inside its bounds."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.sources import ROOT

LOCKED = {
    "requirements-build.txt": "requirements-build.in",
    "requirements.txt": "pyproject.toml",
    "requirements-dev.txt": "requirements-dev.in",
    "requirements-bench.txt": "requirements-bench.in",
    "requirements-aiogram.txt": "requirements-aiogram.in",
}
APART = "requirements-aiogram.txt"
"""Installed into an environment of its own."""
PIN = re.compile(r"^([\w.-]+)==(\S+)(?: ; [^\n]+?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """name → version of every distribution that has at least one hash."""
    return {canonicalize_name(name): version for name, version, _ in PIN.findall(text)}


def wanted(text: str, name: str) -> list[Requirement]:
    """What a project file or a list asks for."""
    if name == "pyproject.toml":
        return [Requirement(line) for line in tomllib.loads(text)["project"]["dependencies"]]
    return [Requirement(line) for line in text.splitlines() if re.match(r"\w", line)]


def faults(asked: list[Requirement], pinned: dict[str, str]) -> list[str]:
    """What is asked for and not pinned, or pinned outside its bounds."""
    held = {one: pinned.get(canonicalize_name(one.name)) for one in asked}
    return [
        f"{one} is pinned to {version}" for one, version in held.items() if not version or version not in one.specifier
    ]


@pytest.mark.parametrize("file", sorted(LOCKED))
def test_every_dependency_is_pinned_inside_its_bounds(file: str) -> None:
    asked = wanted((ROOT / LOCKED[file]).read_text("utf-8"), LOCKED[file])
    assert asked
    assert faults(asked, pins((ROOT / file).read_text("utf-8"))) == [], "run make lock"


@pytest.mark.parametrize("file", sorted(LOCKED))
def test_every_pin_has_its_hashes(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    named = re.findall(r"^(\w[\w.-]*)", text, re.MULTILINE)
    assert sorted(map(canonicalize_name, named)) == sorted(pins(text))


def test_the_files_agree_with_one_another() -> None:
    versions: dict[str, set[str]] = {}
    for file in LOCKED.keys() - {APART}:
        for name, version in pins(Path(ROOT, file).read_text("utf-8")).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_a_missing_and_an_old_pin_are_found() -> None:
    asked = [Requirement("Opencc>=1.4"), Requirement("jinja2>=3.1.6"), Requirement("numpy>=2")]
    assert len(faults(asked, {"jinja2": "3.1.4", "numpy": "2.4.6"})) == 2


def test_a_pin_without_a_hash_is_found() -> None:
    assert pins("a==1\n    # via b\nb-c==2 \\\n    --hash=sha256:" + "0" * 64 + "\n") == {"b-c": "2"}


def test_clients_for_node_are_pinned_with_their_hashes_and_name_no_registry() -> None:
    asked = json.loads((ROOT / "tests/node/package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((ROOT / "tests/node/package-lock.json").read_text("utf-8"))["packages"]
    assert locked.pop("")["dependencies"] == asked
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all(one["integrity"].startswith("sha512-") for one in locked.values())
    assert not any("resolved" in one for one in locked.values())
