"""Reading and writing bind codes, and whose a chat is."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.vocabulary import ClientState, ConsentPurpose
from storage.models import BindCodeRow, ChatAccountRow, ClientRow
from storage.repositories.clients import IDENTITY, PHONE
from storage.unit import Unit

CODE = "bind_codes.code"
"""Place under which a code is looked up; the code itself is not kept."""


@dataclass(frozen=True, slots=True)
class BindCode:
    """A code that was issued."""

    id: int
    client_id: int
    consents: tuple[ConsentPurpose, ...]
    failed_tries: int
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to be issued; `plain` is not stored."""

    plain: str
    client_id: int
    issued_by: int | None
    consents: Sequence[ConsentPurpose]
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat as binding sees it."""

    id: int
    channel: str
    account: str
    client_id: int | None
    tries: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """A client as somebody to be given a code; without an id number there is nothing to check them by."""

    id: int
    state: ClientState
    has_identity: bool


def bearers(unit: Unit, numbers: Collection[str]) -> dict[str, Bearer]:
    """The clients that there are, by number."""
    row, nothing = ClientRow, (None, unit.vault.lookup(IDENTITY, ""))
    wanted = select(row.number, row.id, row.state, row.identity_key)
    found = unit.session.execute(wanted.where(row.number.in_(numbers), row.gone.is_(None)))
    return {number: Bearer(client_id, state, key not in nothing) for number, client_id, state, key in found}


def owners(unit: Unit, codes: Collection[str]) -> dict[str, int]:
    """Whose those of the codes are that are on record, used, over or not."""
    keys = {unit.vault.lookup(CODE, plain): plain for plain in codes}
    found = unit.session.execute(
        select(BindCodeRow.code_key, BindCodeRow.client_id).where(BindCodeRow.code_key.in_(keys))
    )
    return {keys[key]: client_id for key, client_id in found}


def add(unit: Unit, *new: NewCode) -> None:
    """Store new codes by their keyed hashes."""
    unit.session.add_all([_row(unit, one) for one in new])
    unit.flush()


def _row(unit: Unit, new: NewCode) -> BindCodeRow:
    return BindCodeRow(
        code_key=unit.vault.lookup(CODE, new.plain),
        client_id=new.client_id,
        issued_by=new.issued_by,
        consents=[purpose.value for purpose in new.consents],
        issued_at=new.issued_at,
        expires_at=new.expires_at,
    )


def withdraw_unused(unit: Unit, now: datetime, *client_ids: int) -> None:
    """End the clients' codes that nobody has used."""
    unit.session.execute(
        update(BindCodeRow)
        .where(BindCodeRow.client_id.in_(client_ids), BindCodeRow.used_at.is_(None), BindCodeRow.expires_at > now)
        .values(expires_at=now)
    )


def code(unit: Unit, plain: str) -> BindCode | None:
    """The code, used up or not."""
    key = unit.vault.lookup(CODE, plain)
    row = unit.session.scalars(select(BindCodeRow).where(BindCodeRow.code_key == key)).one_or_none()
    return None if row is None else _code(row)


def code_by_id(unit: Unit, code_id: int) -> BindCode | None:
    """The code, held until the transaction ends."""
    row = unit.session.scalars(select(BindCodeRow).where(BindCodeRow.id == code_id).with_for_update()).one_or_none()
    return None if row is None else _code(row)


def client_number(unit: Unit, code_id: int) -> str | None:
    """The number of the client whom a code was issued to."""
    wanted = select(ClientRow.number).join(BindCodeRow, BindCodeRow.client_id == ClientRow.id)
    return unit.session.scalar(wanted.where(BindCodeRow.id == code_id))


def fail_code(unit: Unit, code_id: int, expires_at: datetime | None) -> None:
    """Count a wrong second factor; `expires_at` ends the code."""
    values: dict[str, object] = {"failed_tries": BindCodeRow.failed_tries + 1}
    if expires_at is not None:
        values["expires_at"] = expires_at
    unit.session.execute(update(BindCodeRow).where(BindCodeRow.id == code_id).values(values))


def use_code(unit: Unit, code_id: int, account_id: int, now: datetime) -> bool:
    """Use a code up; False where somebody already did."""
    used = unit.session.execute(
        update(BindCodeRow)
        .where(BindCodeRow.id == code_id, BindCodeRow.used_at.is_(None))
        .values(used_at=now, used_by=account_id)
        .returning(BindCodeRow.id)
    )
    return used.one_or_none() is not None


def chat(unit: Unit, account_id: int) -> Chat:
    """The chat, held until the transaction ends."""
    row = unit.session.scalars(select(ChatAccountRow).where(ChatAccountRow.id == account_id).with_for_update()).one()
    return Chat(row.id, row.channel, row.account, row.client_id, row.bind_tries, row.bind_locked_until)


def set_tries(unit: Unit, account_id: int, tries: int, locked_until: datetime | None) -> None:
    """Remember failed tries of a chat and the pause they led to."""
    unit.session.execute(
        update(ChatAccountRow)
        .where(ChatAccountRow.id == account_id)
        .values(bind_tries=tries, bind_locked_until=locked_until)
    )


def bind(unit: Unit, chat: Chat, client_id: int, now: datetime) -> list[int]:
    """Make a chat the client's; their earlier chats on the same account are let go and returned."""
    table = ChatAccountRow
    earlier = unit.session.execute(
        update(table)
        .where(table.client_id == client_id, table.channel == chat.channel, table.account == chat.account)
        .where(table.id != chat.id)
        .values(client_id=None, bound_at=None)
        .returning(table.id)
    )
    released = list(earlier.scalars())
    values = {"client_id": client_id, "bound_at": now, "bind_tries": 0, "bind_locked_until": None}
    unit.session.execute(update(table).where(table.id == chat.id).values(values))
    return released


def unbind(unit: Unit, account_id: int) -> None:
    """Make a chat nobody's."""
    unit.session.execute(
        update(ChatAccountRow).where(ChatAccountRow.id == account_id).values(client_id=None, bound_at=None)
    )


def identity_of(unit: Unit, client_id: int) -> str | None:
    """The client's id number, opened."""
    row = unit.session.get(ClientRow, client_id)
    sealed = row.identity_sealed if row else None
    return unit.vault.open(IDENTITY, sealed) if sealed else None


def has_phone(unit: Unit, client_id: int, forms: Collection[str]) -> bool:
    """Whether the client's telephone is one of these, by keyed look-up; the number itself is not opened."""
    key = unit.session.scalar(select(ClientRow.phone_key).where(ClientRow.id == client_id))
    return key is not None and any(hmac.compare_digest(key, unit.vault.lookup(PHONE, form)) for form in forms)


def _code(row: BindCodeRow) -> BindCode:
    return BindCode(
        id=row.id,
        client_id=row.client_id,
        consents=tuple(ConsentPurpose(word) for word in row.consents),
        failed_tries=row.failed_tries,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
