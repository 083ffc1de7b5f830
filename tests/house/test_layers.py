"""The import contracts of pyproject.toml: every module stands in a layer, and each contract can be broken."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.sources import ROOMS, ROOT, python_files

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]

SKELETON = [
    "bot.app.channels",
    "bot.app.web",
    "bot.clock",
    "bot.commands.serve",
    "bot.errors",
    "bot.logs",
    "bot.links",
    "bot.splitting",
    "bot.messages",
    "bot.queue.postgres",
    "bot.routing",
    "bot.settings",
    "bot.texts",
    "bot.vocabulary",
    "bot.channels.base",
    "bot.channels.telegram",
    "bot.webhooks",
    "console.pages",
    "handlers.questions",
    "scheduler.care",
    "services.care",
    "services.knowledge.meaning.endpoint",
    "services.language.endpoint",
    "storage.unit",
    "storage.migrations.env",
]

ALLOWED = {
    "bot.app.channels": "import handlers, bot.settings, bot.channels.telegram",
    "bot.app.web": "import starlette, console.pages",
    "bot.commands.serve": "import bot.settings",
    "bot.queue.postgres": "import pgqueuer, psycopg",
    "bot.channels.telegram": "import telegram, httpx, bot.channels.base",
    "bot.webhooks": "import starlette, bot.channels.base",
    "console.pages": "import starlette, services.care",
    "scheduler.care": "import apscheduler, services.care",
    "services.care": "import storage.unit, bot.channels.base",
    "services.knowledge.meaning.endpoint": "import httpx",
    "services.language.endpoint": "import httpx",
    "storage.unit": "import sqlalchemy",
    "storage.migrations.env": "import alembic, bot.settings",
}

BREACHES = {
    "layers": ("services.care", "import handlers.questions"),
    "database": ("services.care", "import sqlalchemy"),
    "queue": ("services.care", "import pgqueuer"),
    "clockwork": ("services.care", "import apscheduler"),
    "web": ("bot.commands.serve", "from starlette import routing"),
    "api": ("console.pages", "import fastapi"),
    "platforms": ("services.care", "import httpx"),
    "handlers": ("handlers.questions", "import storage.unit"),
    "concrete-channels": ("services.care", "import bot.channels.telegram"),
    "settings": ("services.care", "import bot.settings"),
}


def house(folder: Path, contents: dict[str, str]) -> None:
    """A small house under the contracts of the real one; absent modules are empty."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(text, "utf-8")
    for module in [*SKELETON, "bot.channels.recording"]:
        path = folder / (module.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents.get(module, ""), "utf-8")
        for parent in path.relative_to(folder).parents[:-1]:
            (folder / parent / "__init__.py").touch()


def broken(folder: Path) -> set[str]:
    """The names of the contracts that do not hold."""
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    kept, lost = (set(re.findall(rf"^(.+?) {word}", done.stdout, re.MULTILINE)) for word in ("KEPT", "BROKEN"))
    assert kept | lost == {contract["name"] for contract in CONTRACTS}, done.stdout + done.stderr
    return lost


def test_what_the_design_allows_passes(tmp_path: Path) -> None:
    house(tmp_path, ALLOWED)
    assert broken(tmp_path) == set()


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: str(contract["id"]))
def test_each_contract_can_be_broken(contract: dict[str, str], tmp_path: Path) -> None:
    module, breach = BREACHES[contract["id"]]
    house(tmp_path, {**ALLOWED, module: breach})
    assert contract["name"] in broken(tmp_path)


def test_siblings_never_import_one_another(tmp_path: Path) -> None:
    house(tmp_path, {"bot.channels.telegram": "import bot.channels.recording"})
    assert broken(tmp_path) == {"Imports point down only"}


def layered() -> set[str]:
    """Every module that the layers name."""
    layers = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "layers")
    return {name.strip(" ()") for layer in layers for name in re.split(r"[|:]", layer)}


def unlayered(modules: set[str]) -> set[str]:
    """The modules that stand in no layer, so that no contract would hold them."""
    known = layered()
    return {module for module in modules if not any(module == name or module.startswith(name + ".") for name in known)}


def test_every_module_stands_in_a_layer() -> None:
    paths = [Path(source.path) for source in python_files(*ROOMS) if source.lines and "import" in source.text]
    modules = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths}
    assert unlayered(modules) == set()


def test_a_module_without_a_layer_is_found() -> None:
    assert unlayered({"bot.gossip", "bot.clock", "services.care"}) == {"bot.gossip"}
