"""A shared token that is refused again and again is forced only as often as the platform lets it be."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.channels.tencent.refusal import Refusal
from bot.channels.tencent.token import FORCED_A_DAY, SharedToken
from bot.clock import MovableClock
from storage.channel_state import StoredState
from storage.unit import Database

REFUSED = frozenset({40001})


@dataclass
class Mint:
    """Gives the same token until a new one is forced."""

    forced: int = 0

    async def fetch(self, force: bool) -> tuple[str, int]:
        self.forced += force
        return f"token{self.forced}", 7200


async def refused(_: str) -> str:
    raise Refusal(40001)


async def spend(tokens: SharedToken) -> None:
    """One call, which the platform refuses whatever the token."""
    with pytest.raises(Refusal):
        await tokens.spent(refused)


@pytest.mark.parametrize(("apart", "calls", "forced"), [(1, 5, 1), (31, 5, 5), (60, 60, FORCED_A_DAY)])
async def test_tokens_are_forced_apart_and_so_often_a_day(
    database: Database, clock: MovableClock, apart: int, calls: int, forced: int
) -> None:
    mint, state = Mint(), StoredState(database, clock, "wechat:main")
    for _ in range(calls):
        await spend(SharedToken(mint.fetch, REFUSED, state, clock))
        clock.move(timedelta(seconds=apart))
    assert mint.forced == forced
    clock.move(timedelta(days=1))
    await spend(SharedToken(mint.fetch, REFUSED, state, clock))
    assert mint.forced == forced + 1
