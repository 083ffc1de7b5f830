"""Tags put on followers for one mass send: the only way to choose recipients for an account without lists.

A tag is ours by its name and two days old when it goes: by then its mass send is over. The platform allows 100 of them.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.api import Api
from bot.channels.wechat.outcomes import send_error
from bot.clock import Clock
from bot.errors import ChannelStopped, ContentRefused, OutcomeUnknown, RecipientGone, SendError, TryLater

IN_A_CALL, CALLS = 50, 10
"""Followers in one call, and calls at a time: ten thousand followers take some seconds."""

_PREFIX = "quanfu"
_KEPT = timedelta(days=2)
_NOT_HERE = frozenset({40003, 49003})
"""Of an openid: wrong, of another account, or following no more."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tag's number, and those who could not get it."""

    tag: int
    refused: frozenset[str]


class Tags:
    """Makes tags for one account; raises SendError, none of which leaves anything sent."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def put_on(self, openids: Sequence[str], key: str) -> Tagged:
        """A new tag on these; RecipientGone where nobody could get it."""
        await self._tidy()
        tag = await self._made(f"{_PREFIX} {int(self._clock.now().timestamp())} {key[:8]}")
        parts = [list(openids[start : start + IN_A_CALL]) for start in range(0, len(openids), IN_A_CALL)]
        refused = frozenset[str]()
        for start in range(0, len(parts), CALLS):
            refused = refused.union(*await asyncio.gather(*(self._put(p, tag) for p in parts[start : start + CALLS])))
        if len(refused) == len(openids):
            raise RecipientGone("40003", "nobody of a mass send follows")
        return Tagged(tag, refused)

    async def _put(self, openids: list[str], tag: int) -> frozenset[str]:
        """Those of one call who could not get the tag: a call with one of them is refused as a whole."""
        try:
            await self._api.post("tags/members/batchtagging", {"openid_list": openids, "tagid": tag})
        except Refusal as refusal:
            if refusal.code not in _NOT_HERE:
                raise self._error(refusal) from None
        except OutcomeUnknown as unknown:
            raise TryLater("tags", unknown.detail) from None
        else:
            return frozenset()
        if len(openids) == 1:
            return frozenset(openids)
        half = len(openids) // 2
        return await self._put(openids[:half], tag) | await self._put(openids[half:], tag)

    async def _made(self, name: str) -> int:
        answer = await self._told(self._api.post("tags/create", {"tag": {"name": name}}))
        made = answer.get("tag")
        number = word(made, "id") if isinstance(made, dict) else ""
        if not number.isdecimal():
            raise TryLater("tags", "no tag in the answer")
        return int(number)

    async def _tidy(self) -> None:
        """Drop the tags of earlier mass sends."""
        listed = (await self._told(self._api.get("tags/get", {}))).get("tags")
        for tag in listed if isinstance(listed, list) else []:
            if isinstance(tag, dict) and self._is_old(word(tag, "name")):
                await self._told(self._api.post("tags/delete", {"tag": {"id": tag.get("id")}}))

    def _is_old(self, name: str) -> bool:
        prefix, _, rest = name.partition(" ")
        since = rest.partition(" ")[0]
        if prefix != _PREFIX or not (since.isascii() and since.isdigit() and len(since) <= 10):
            return False
        return self._clock.now() - datetime.fromtimestamp(int(since), UTC) >= _KEPT

    async def _told(self, asking: Awaitable[Fields]) -> Fields:
        try:
            return await asking
        except Refusal as refusal:
            raise self._error(refusal) from None
        except OutcomeUnknown as unknown:
            raise TryLater("tags", unknown.detail) from None

    def _error(self, refusal: Refusal) -> SendError:
        """A tag that is refused says nothing against the text: the account's tags need a look."""
        error = send_error(refusal, self._clock.now())
        return ChannelStopped(error.code, refusal.words) if isinstance(error, ContentRefused) else error
