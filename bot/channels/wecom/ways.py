"""Codes by which a client adds a member: what they carry comes back when the client has done so."""

from bot.channels.tencent.notation import word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wecom.api import Api
from bot.errors import ContentRefused, TryLater

LONGEST_STATE = 30
_ONE_MEMBER, _AS_PICTURE = 1, 2


class ContactWays:
    """Typed calls; they raise SendError."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def make(self, member: str, state: str) -> str:
        """Where the picture of a new code is. It lives until somebody removes it, and adds without being asked."""
        if not 0 < len(state) <= LONGEST_STATE:
            raise ContentRefused("40058", f"a code carries 1 to {LONGEST_STATE} signs")
        wanted: dict[str, object] = {"type": _ONE_MEMBER, "scene": _AS_PICTURE, "user": [member], "state": state}
        try:
            answer = await self._api.post("externalcontact/add_contact_way", {**wanted, "skip_verify": True})
        except Refusal as refusal:
            raise self._api.outcome(refusal) from None
        picture = word(answer, "qr_code")
        if not picture:
            raise TryLater("junk", "no code in the answer")
        return picture
