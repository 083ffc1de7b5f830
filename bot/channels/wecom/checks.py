"""What can be seen of a corp: of each part its secret, our address, who is reached, and whether pushes reach us."""

import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence

from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

from bot.channels.checks import Knock, hook, knock, refused
from bot.channels.tencent.entrance import entrance
from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.tencent.signature import signature
from bot.channels.wecom.account import WecomAccount
from bot.channels.wecom.api import Api
from bot.clock import Clock
from bot.errors import ChannelStopped, SendError
from bot.vocabulary import ChannelKind
from bot.vocabulary.health import Observation, Remark

PAGE = 100

Look = Callable[[Api], Awaitable[Sequence[Observation]]]
"""Asks one part what it can do; raises Refusal and SendError."""


class Checks:
    """Looks at one part of a corp, whose chats are those of the account `name`."""

    def __init__(self, account: WecomAccount, name: str, clock: Clock) -> None:
        self._account = account
        self._name = name
        self._clock = clock

    async def run(self, public_url: str | None, api: Api, look: Look) -> AsyncGenerator[Observation, None]:
        """Our own address first: it can be seen also where the platform cannot."""
        yield await self._callback(public_url) if public_url else Observation(Remark.CALLBACK_UNSET)
        let_in, seen = await entrance(api, self._clock)
        for observation in seen:
            yield observation
        if let_in:
            for observation in await _looked(api, look):
                yield observation

    async def desks(self, api: Api) -> Sequence[Observation]:
        """Whether the desks of the settings are there, and may be answered by this secret."""
        managed = {word(desk, "open_kfid"): desk.get("manage_privilege") is not False for desk in await _desks(api)}
        ours = self._account.kf_ids
        unknown = [name for name in ours if name not in managed]
        unmanaged = [name for name in ours if not managed.get(name, True)]
        found = [(Remark.DESK_UNKNOWN, unknown), (Remark.DESK_UNMANAGED, unmanaged)]
        faults = [Observation(remark, {"desks": ", ".join(names)}) for remark, names in found if names]
        return faults or [Observation(Remark.DESK_SERVED, {"number": str(len(ours))})]

    async def app(self, api: Api) -> Sequence[Observation]:
        """Whether the app is on, and for whom it is visible: nobody else gets its messages."""
        answer = await api.get("agent/get", {"agentid": str(self._account.agent_id)})
        if word(answer, "close") == "1":
            return [Observation(Remark.APP_CLOSED)]
        numbers = {
            "members": _size(answer, "allow_userinfos", "user"),
            "departments": _size(answer, "allow_partys", "partyid"),
            "tags": _size(answer, "allow_tags", "tagid"),
        }
        if not any(numbers.values()):
            return [Observation(Remark.APP_HIDDEN)]
        return [Observation(Remark.APP_VISIBLE, {name: str(number) for name, number in numbers.items()})]

    async def contacts(self, api: Api) -> Sequence[Observation]:
        """Whose contacts clients can be."""
        members = (await api.get("externalcontact/get_follow_user_list", {})).get("follow_user")
        number = len(members) if isinstance(members, list) else 0
        if not number:
            return [Observation(Remark.CONTACTS_NOBODY)]
        return [Observation(Remark.CONTACTS_MEMBERS, {"number": str(number)})]

    async def _callback(self, public_url: str) -> Observation:
        """As the platform's own page checks the address."""
        account, echo = self._account, secrets.token_hex(8)
        key = WeChatCrypto(account.token, account.aes_key, account.corp_id).key
        encrypted = PrpCrypto(key).encrypt(echo, account.corp_id).decode()
        stamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(8)
        signed = signature(account.token, stamp, nonce, encrypted)
        query = {"msg_signature": signed, "timestamp": stamp, "nonce": nonce, "echostr": encrypted}
        return await knock(Knock(hook(public_url, ChannelKind.WECOM.value, self._name), echo, query))


async def _looked(api: Api, look: Look) -> Sequence[Observation]:
    """WeCom looks at our address only when something is asked with the token."""
    try:
        found = await look(api)
    except Refusal as refusal:
        return [refused(ChannelStopped(str(refusal.code), refusal.words))]
    except SendError as error:
        return [refused(error)]
    return [Observation(Remark.ADDRESS_ALLOWED), *found]


async def _desks(api: Api) -> Iterable[Fields]:
    found: list[Fields] = []
    while True:
        answer = await api.post("kf/account/list", {"offset": len(found), "limit": PAGE})
        rows = answer.get("account_list")
        page = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        found += page
        if len(page) < PAGE:
            return found


def _size(answer: Fields, group: str, list_name: str) -> int:
    inner = answer.get(group)
    listed = inner.get(list_name) if isinstance(inner, dict) else None
    return len(listed) if isinstance(listed, list) else 0
