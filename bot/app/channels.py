"""The channel accounts that the settings switch on."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.app.bell import Way
from bot.channels.base import Channel, ChannelState
from bot.channels.recording import RecordingChannel
from bot.channels.webchat import WebchatChannel
from bot.clock import Clock
from bot.errors import SettingsWrong
from bot.settings import Settings, Telegram, Wechat, WechatTemplate, Wecom, names_in
from bot.texts import Texts
from bot.texts.fragments import Fragments
from bot.vocabulary import ChannelKind, Locale
from storage.channel_state import StoredState
from storage.unit import Database

if TYPE_CHECKING:
    from bot.channels.wechat import Template, WechatAccount
    from bot.channels.wechat import WechatOffice as WechatOffice
    from bot.channels.wecom import WecomAccount, WecomChannel, WecomContactsChannel

Channels = Mapping[tuple[ChannelKind, str], Channel]

MAIN = "main"
_NAME = re.compile("[a-z0-9_-]{1,23}")
"""It stands in addresses and in rows, for a part of a corp with an ending."""
_PARTS = ("-app", "-contacts")
SALUTATION = "salutation"
"""The client's own; forms are filled without it."""

FALLBACK = (
    ChannelKind.WECHAT,
    ChannelKind.WECOM,
    ChannelKind.TELEGRAM,
    ChannelKind.WEBCHAT,
    ChannelKind.RECORDING,
)
"""In which order a client's chats are tried where the client prefers none."""

_MENU = ("menu", "person", "complaint", "progress", "bind")
"""Options that a bot's own menu offers; their words are the options' labels."""


@dataclass(frozen=True)
class Parts:
    """What adapters are handed: `states` by scope, and `announce` for the chat page's visitors."""

    states: Callable[[str], ChannelState]
    announce: Callable[[str], None]
    texts: Texts
    clock: Clock


def channels(settings: Settings, parts: Parts) -> Channels:
    """Every account; the web chat and the recording channel always among them. SettingsWrong for a wrong name."""
    if wrong := [name for name in settings.accounts if not _may_be_called(name)]:
        told = "small letters, digits, _ and -, at most 23, not main, and not ending with -app or -contacts"
        raise SettingsWrong([f"accounts.{name}: the name of a further account has {told}" for name in wrong])
    if twice := list(_twice(settings)):
        raise SettingsWrong([f"accounts.{name}: {first} is the same account of the platform" for name, first in twice])
    found: list[Channel] = [WebchatChannel(parts.announce), RecordingChannel(), *_platforms(settings, parts)]
    return {(channel.kind, channel.account): channel for channel in found}


def _may_be_called(name: str) -> bool:
    """A further account that is called as another one would take its place without a word."""
    return bool(_NAME.fullmatch(name)) and name != MAIN and not name.endswith(_PARTS)


def _twice(settings: Settings) -> Iterator[tuple[str, str]]:
    """Accounts that another one is too, which would take the updates and tokens away from each other."""
    seen: dict[str | SecretStr, str] = {}
    wechat = [(MAIN, settings.wechat.app_id)]
    telegram = [(MAIN, settings.telegram.token)]
    wechat += [(name, one.app_id) for name, one in settings.accounts.items() if isinstance(one, Wechat)]
    telegram += [(name, one.token) for name, one in settings.accounts.items() if isinstance(one, Telegram)]
    for name, own in (*wechat, *telegram):
        if own and (first := seen.setdefault(own, name)) != name:
            yield name, first


def _platforms(settings: Settings, parts: Parts) -> Iterator[Channel]:
    """The accounts with a key; a platform's libraries are loaded for them only (some 0.2 s each at every start)."""
    given = [(MAIN, settings.wechat), (MAIN, settings.wecom), (MAIN, settings.telegram), *settings.accounts.items()]
    for name, account in given:
        if isinstance(account, Wechat) and account.app_id:
            yield _wechat(name, account.app_id, account, parts)
        if isinstance(account, Telegram) and account.token:
            yield _telegram(name, account.token, account, settings.public_url, parts)
        if isinstance(account, Wecom) and account.corp_id:
            yield from _wecom(name, account.corp_id, account, parts)


def _wechat(name: str, app_id: str, account: Wechat, parts: Parts) -> Channel:
    from bot.channels.wechat import WechatChannel

    told = _wechat_account(name, app_id, account)
    told = replace(
        told,
        templates=_forms(name, "templates", account.templates, parts.texts),
        notices=_forms(name, "notices", account.notices, parts.texts),
    )
    return WechatChannel(told, parts.states(f"wechat:{name}"), parts.clock)


def wechat_office(settings: Settings, database: Database, clock: Clock, name: str) -> "WechatOffice":
    """What arranges things for one WeChat account, with the token that all processes share.

    SettingsWrong where the settings have no account of this name with a secret.
    """
    from bot.channels.wechat import WechatOffice

    account = settings.wechat if name == MAIN else settings.accounts.get(name)
    if not isinstance(account, Wechat) or not account.app_id or not account.secret:
        raise SettingsWrong([f"wechat {name}: app_id and secret are needed"])
    return WechatOffice(
        _wechat_account(name, account.app_id, account), StoredState(database, clock, f"wechat:{name}"), clock
    )


def _wechat_account(name: str, app_id: str, account: Wechat) -> "WechatAccount":
    from bot.channels.wechat import WechatAccount

    return WechatAccount(
        name=name,
        app_id=app_id,
        token=_plain(account.token) or "",
        secret=_plain(account.secret),
        aes_key=_plain(account.aes_key),
        previous_aes_key=_plain(account.previous_aes_key),
        api_root=account.api_root,
        customer_messages=account.customer_messages,
        mass_messages=account.mass_messages,
        mass_by_tag=account.kind == "subscription",
    )


def _forms(name: str, kind: str, given: Mapping[str, WechatTemplate], texts: Texts) -> "dict[str, Template]":
    """The account's forms of a kind; SettingsWrong where one names a text or a parameter that is not there."""
    from bot.channels.wechat import Template

    fragments, faults = Fragments(texts.formats), list[str]()
    for key, template in given.items():
        known = texts.parameters(key) - {SALUTATION} if key in texts.messages else None
        if known is None:
            faults.append(f"wechat {name}: {kind}.{key}: no text has this key")
            continue
        for field, pattern in template.fields.items():
            if (names := fragments.names(pattern)) is None or not names <= known:
                faults.append(f"wechat {name}: {kind}.{key}.fields.{field}: takes {', '.join(sorted(known)) or '-'}")
    if faults:
        raise SettingsWrong(faults)
    return {key: Template(one.id, one.fields, one.url) for key, one in given.items()}


def _wecom(name: str, corp_id: str, account: Wecom, parts: Parts) -> Iterator[Channel]:
    """A corp is one account to the clients of its service desks, and a further one for each part in use."""
    from bot.channels.wecom import WecomAppChannel, WecomChannel, WecomContactsChannel

    told = _wecom_account(name, corp_id, account)
    state = parts.states(f"wecom:{name}")
    yield WecomChannel(told, state, parts.clock)
    if told.secret:
        yield WecomAppChannel(told, state, parts.clock)
    if told.contact_secret:
        yield WecomContactsChannel(told, state, parts.clock)


def staff_ways(settings: Settings, channels: Channels, parts: Parts) -> list[Way]:
    """Where staff are told what waits for them: by a corp's app, and by the robot of a group."""
    found: list[Way] = []
    for name, account in [(MAIN, settings.wecom), *settings.accounts.items()]:
        if isinstance(account, Wecom) and account.corp_id:
            found += _ways(_wecom_account(name, account.corp_id, account), names_in(account.notify), channels, parts)
    return found


def wecom_contacts(settings: Settings, database: Database, clock: Clock, account: str) -> "WecomContactsChannel":
    """The contacts' account of a corp, for a command; SettingsWrong where the settings have none of this name."""
    from bot.channels.wecom import WecomContactsChannel

    told = _corp(settings, account.removesuffix("-contacts"))
    return WecomContactsChannel(told, StoredState(database, clock, f"wecom:{told.name}"), clock)


def wecom_desk(settings: Settings, database: Database, clock: Clock, account: str) -> "WecomChannel":
    """The service desks of a corp, for a command; SettingsWrong where the settings have none of this name."""
    from bot.channels.wecom import WecomChannel

    told = _corp(settings, account)
    return WecomChannel(told, StoredState(database, clock, f"wecom:{told.name}"), clock)


def _corp(settings: Settings, name: str) -> "WecomAccount":
    account = settings.wecom if name == MAIN else settings.accounts.get(name)
    if not isinstance(account, Wecom) or not account.corp_id:
        raise SettingsWrong([f"wecom {name}: corp_id is needed"])
    return _wecom_account(name, account.corp_id, account)


def _ways(account: "WecomAccount", members: tuple[str, ...], channels: Channels, parts: Parts) -> Iterator[Way]:
    from bot.channels.wecom import GroupRobot, WecomAppChannel

    app = channels.get((ChannelKind.WECOM, account.app_name))
    if members and isinstance(app, WecomAppChannel):
        yield Way(app, members)
    if account.robot_key:
        yield Way(GroupRobot(account, parts.states(f"wecom:{account.name}"), parts.clock))


def _wecom_account(name: str, corp_id: str, account: Wecom) -> "WecomAccount":
    from bot.channels.wecom import WecomAccount

    return WecomAccount(
        name=name,
        corp_id=corp_id,
        token=_plain(account.token) or "",
        aes_key=_plain(account.aes_key) or "",
        previous_aes_key=_plain(account.previous_aes_key),
        accounts=account.accounts,
        kf_ids=names_in(account.kf_ids),
        kf_secret=_plain(account.kf_secret),
        agent_id=account.agent_id,
        secret=_plain(account.secret),
        contact_secret=_plain(account.contact_secret),
        robot_key=_plain(account.robot_key),
        api_root=account.api_root,
    )


def _telegram(name: str, token: SecretStr, account: Telegram, public_url: str | None, parts: Parts) -> Channel:
    from bot.channels.telegram import Command, TelegramAccount, telegram_channel

    words = {choice: {locale: parts.texts.label(f"option_{choice}", locale) for locale in Locale} for choice in _MENU}
    told = TelegramAccount(
        token=token.get_secret_value(),
        name=name,
        api_root=account.api_root,
        proxy=account.proxy,
        secret_token=_plain(account.secret_token),
        public_url=public_url,
        paid_rate=account.paid_rate,
        files=account.files,
        commands=tuple(Command(choice, descriptions, choice) for choice, descriptions in words.items()),
    )
    return telegram_channel(told, parts.states(f"telegram:{name}"), parts.clock)


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
