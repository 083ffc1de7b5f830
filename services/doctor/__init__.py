"""Looks at the service and its platforms: many checks at once, each bounded in time, none of which can break it."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace

from bot.errors import places
from bot.logs import mask
from bot.vocabulary.health import Observation, Remark, Verdict

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that one observation may take."""

HOUSE = "house"
"""The place of what is no platform account."""

Check = Callable[[], AsyncGenerator[Observation, None]]


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation and where it was made: `house`, or a platform and account as `wechat/main`."""

    place: str
    observation: Observation


async def examine(checks: Sequence[tuple[str, Check]], patience: float = PATIENCE) -> list[Seen]:
    """What all checks see, in their order. Of one that falls silent what it saw before is kept."""
    found = await asyncio.gather(*(_made(check, patience) for _, check in checks))
    return [
        Seen(place, _masked(observation))
        for (place, _), made in zip(checks, found, strict=True)
        for observation in made
    ]


def counted(seen: Sequence[Seen]) -> Counter[Verdict]:
    """How many of each verdict."""
    return Counter(one.observation.verdict for one in seen)


async def _made(check: Check, patience: float) -> list[Observation]:
    made: list[Observation] = []
    sight = check()
    try:
        while True:
            async with asyncio.timeout(patience):
                made.append(await anext(sight))
    except StopAsyncIteration:
        return made
    except TimeoutError:
        return [*made, Observation(Remark.ACCOUNT_SILENT, {"seconds": f"{patience:.0f}"})]
    except Exception as error:  # one check must not take the others with it, whatever is wrong with it
        log.error("a check broke: %s", places(error))  # no trace: its message may hold anything
        return [*made, Observation(Remark.ACCOUNT_BROKE, {"place": places(error)})]
    finally:
        await sight.aclose()


def _masked(observation: Observation) -> Observation:
    """Platforms' own words stand in values: whatever they hold, nothing secret is shown."""
    return replace(observation, values={name: mask(value) for name, value in observation.values.items()})
