"""Clients, their tags and their consents."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, LargeBinary, String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import (
    AssetBand,
    ClientKind,
    ClientState,
    ConsentPurpose,
    Gender,
    Interest,
    Locale,
    RiskLevel,
    Style,
)
from bot.vocabulary.rights import Gone
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


class ClientRow(Base):
    """One client; name, phone, e-mail, id number and fund account are sealed, beside them the keyed look-ups.

    Of one that was erased only the row is left, for what must be kept to hang on; one that was merged keeps what it
    said, and all that hung on it belongs to `merged_into`, which is never merged itself.
    `personal_service` None: as the segment of personal service says. `prefers`: asset classes as one text.
    """

    __tablename__ = "clients"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name_key: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    prefix_key: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_key: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    identity_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    identity_key: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_key: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    fund_account_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    fund_account_key: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    salutation_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    gender: Mapped[Gender] = mapped_column(EnumText(Gender), default=Gender.UNKNOWN)
    locale: Mapped[Locale] = mapped_column(EnumText(Locale), default=Locale.ZH_CN)
    state: Mapped[ClientState] = mapped_column(EnumText(ClientState), default=ClientState.NORMAL)
    kind: Mapped[ClientKind] = mapped_column(EnumText(ClientKind), default=ClientKind.ORDINARY)
    style: Mapped[Style | None] = mapped_column(EnumText(Style))
    prefers: Mapped[str | None] = mapped_column(String(64))
    asset_band: Mapped[AssetBand] = mapped_column(EnumText(AssetBand), default=AssetBand.UNKNOWN)
    risk_level: Mapped[RiskLevel | None] = mapped_column(EnumText(RiskLevel))
    risk_valid_until: Mapped[date | None] = mapped_column(Date)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    adviser_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    personal_service: Mapped[bool | None] = mapped_column(Boolean)
    birth_month: Mapped[int | None] = mapped_column(Integer)
    birth_day: Mapped[int | None] = mapped_column(Integer)
    birth_year: Mapped[int | None] = mapped_column(Integer)
    birth_lunar: Mapped[bool] = mapped_column(Boolean, default=False)
    birth_leap: Mapped[bool] = mapped_column(Boolean, default=False)
    opened_on: Mapped[date | None] = mapped_column(Date)
    occupation: Mapped[str | None] = mapped_column(String(64))
    region: Mapped[str | None] = mapped_column(String(64))
    branch: Mapped[str | None] = mapped_column(String(64))
    opted_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    preferred_channel: Mapped[str | None] = mapped_column(String(16))
    quiet_from: Mapped[time | None] = mapped_column(Time)
    quiet_to: Mapped[time | None] = mapped_column(Time)
    fictional: Mapped[bool] = mapped_column(Boolean, default=False)
    gone: Mapped[Gone | None] = mapped_column(EnumText(Gone))
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        Index("ix_clients_birthday", "birth_lunar", "birth_month", "birth_day"),
        # Segments read clients from here, narrow and in the order in which everything else of clients lies: by band
        # first, a count over a million clients on SQLite jumps through every table it looks into.
        Index("ix_clients_standing", "id", "asset_band", "risk_level", "risk_valid_until", "state", "gone"),
    )


class ClientTagRow(Base):
    """A tag on a client."""

    __tablename__ = "client_tags"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class ClientInterestRow(Base):
    """A subject that a client likes to read about, by their own word."""

    __tablename__ = "client_interests"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    interest: Mapped[Interest] = mapped_column(EnumText(Interest), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ClientPlanRow(Base):
    """A client's own content plan; without a row the standard one holds. `weekly` None: as the plan says."""

    __tablename__ = "client_plans"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    plan: Mapped[str] = mapped_column(String(32))
    weekly: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ConsentRow(Base):
    """What a client said about one purpose; the newest row of a purpose holds."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    purpose: Mapped[ConsentPurpose] = mapped_column(EnumText(ConsentPurpose))
    granted: Mapped[bool] = mapped_column(Boolean)
    current: Mapped[bool] = mapped_column(Boolean, default=True)
    version: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_consents_client_id_purpose", "client_id", "purpose"),)


class ChatAccountRow(Base):
    """One chat on one platform; it becomes a client's by binding.

    `window_used` counts what went out since the client's last message, `action_used` since their last menu click,
    follow or scan (`acted_at`), `group_used` what went to them by group in `group_month` (2026-11).
    """

    __tablename__ = "chat_accounts"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(128))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    locale: Mapped[Locale | None] = mapped_column(EnumText(Locale))
    followed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_inbound_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    window_used: Mapped[int] = mapped_column(Integer, default=0)
    acted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    action_used: Mapped[int] = mapped_column(Integer, default=0)
    group_month: Mapped[str | None] = mapped_column(String(7))
    group_used: Mapped[int] = mapped_column(Integer, default=0)
    bind_tries: Mapped[int] = mapped_column(Integer, default=0)
    bind_locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    bound_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("channel", "account", "address"),)


class NoticeConsentRow(Base):
    """How many notices by one form of a platform a chat still lets us send: each consent is good for one."""

    __tablename__ = "notice_consents"

    account_id: Mapped[int] = mapped_column(ForeignKey("chat_accounts.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(64), primary_key=True)
    left: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class BindCodeRow(Base):
    """A one-time code that makes a chat a client's; only its keyed hash is kept."""

    __tablename__ = "bind_codes"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    code_key: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    consents: Mapped[list[Any]] = mapped_column(Document, default=list)
    failed_tries: Mapped[int] = mapped_column(Integer, default=0)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    used_by: Mapped[int | None] = mapped_column(ForeignKey("chat_accounts.id"))
