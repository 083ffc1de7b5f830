"""The files of this repository, as the house tests read them."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "console", "handlers", "scheduler", "services", "storage")
NOT_OURS = {"__pycache__", "build", "dist", "node_modules", "var"}
TEXT_SUFFIXES = {".cfg", ".css", ".html", ".in", ".ini", ".j2", ".js", ".json", ".mako", ".md", ".py", ".sh", ".svg"}
TEXT_SUFFIXES |= {".toml", ".tsv", ".txt", ".yaml", ".yml"}
TEXT_NAMES = {"Dockerfile", "LICENSE", "Makefile", "run", ".dockerignore", ".gitignore"}


@dataclass(frozen=True)
class Source:
    """A file: where it is below the root, with forward slashes, and what stands in it."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed module."""
        return ast.parse(self.text)

    @property
    def lines(self) -> list[str]:
        """The lines; the first one is number 1 for people."""
        return self.text.splitlines()

    def within(self, *folders: str) -> bool:
        """Whether it lies below one of these folders, or is one of these files."""
        return any(self.path == folder or self.path.startswith(folder + "/") for folder in folders)


@lru_cache
def all_files() -> tuple[Source, ...]:
    """Every text file of the repository."""
    found = (Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in _walk() if _is_text(path))
    return tuple(sorted(found, key=lambda source: source.path))


def python_files(*folders: str) -> list[Source]:
    """The Python files, or those below some folders."""
    python = [source for source in all_files() if source.path.endswith(".py")]
    return [source for source in python if source.within(*folders)] if folders else python


def _walk() -> Iterator[Path]:
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name == ".ci" or not (name.startswith(".") or name in NOT_OURS)]
        yield from (Path(folder, name) for name in files)


def _is_text(path: Path) -> bool:
    return path.suffix in TEXT_SUFFIXES or path.name in TEXT_NAMES
