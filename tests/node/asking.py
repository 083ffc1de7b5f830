"""Clients of the platforms that others wrote for node, asked to do something; what they find holds the doubles."""

import asyncio
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("ask.js")
MODULES = Path(sys.prefix) / "node" / "node_modules"
HOW_TO_GET_IT = "no clients for node: install node and npm, then run `make node-clients`"
LONGEST = 30.0
"""Seconds; a client that takes longer hangs."""

needs_node = pytest.mark.skipif(shutil.which("node") is None or not MODULES.is_dir(), reason=HOW_TO_GET_IT)


@dataclass(frozen=True)
class Told:
    """What came of a step: its value, or the code and the words of an error."""

    value: object = None
    code: int = 0
    words: str = ""
    parameters: dict[str, object] = field(default_factory=dict)


async def ask(client: str, settings: dict[str, str], *steps: tuple[object, ...]) -> list[Told]:
    """Each step is a method of the client and its arguments; one process does them in turn."""
    asked = json.dumps({"client": client, "settings": settings, "steps": steps}).encode()
    environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(MODULES), "NODE_NO_WARNINGS": "1"}
    process = await asyncio.create_subprocess_exec(
        "node", str(SCRIPT), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment
    )
    async with asyncio.timeout(LONGEST):
        answer, _ = await process.communicate(asked)
    assert process.returncode == 0
    return [_read(one) for one in json.loads(answer)]


def _read(told: dict[str, object]) -> Told:
    error = told.get("error")
    return Told(**error) if isinstance(error, dict) else Told(told.get("value"))


async def asked_one(client: str, settings: dict[str, str], *step: object) -> object:
    """The value of a single step, which has to succeed."""
    [told] = await ask(client, settings, step)
    assert not told.words, told
    return told.value
