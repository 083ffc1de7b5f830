"""The doubles of the platforms in a process of their own, any chat open."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.servers import free_port

LAST = "QUANFU_WECHAT__AES_KEY"
"""The setting that the doubles name last."""


@asynccontextmanager
async def served_doubles(*options: str) -> AsyncIterator[dict[str, str]]:
    """The settings that point a server at them."""
    ports = [f"--{platform}-port={free_port()}" for platform in ("telegram", "wechat", "wecom")]
    command = [sys.executable, "-m", "tests.doubles", "--open-door", *ports, *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    settings: dict[str, str] = {}
    while LAST not in settings:
        line = (await process.stdout.readline()).decode().strip()
        assert line, "the doubles did not start"
        name, _, value = line.partition("=")
        settings[name] = value
    try:
        yield settings
    finally:
        process.terminate()
        await process.communicate()
