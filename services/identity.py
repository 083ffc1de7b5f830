"""Whose a chat is: one-time codes, the second factor, binding and unbinding.

A chat becomes a client's by a code issued to that client and a second factor: the last four signs of their id number,
or their telephone number where the platform itself vouches that it is the writer's. Wrong tries
count on the chat, which is then paused, and on the code, which is then dead: guessing from many chats helps
nobody. On one account of a platform a client has one chat; binding another needs a new code and lets the old go.
"""

import hmac
import re
import secrets
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Refused
from bot.vocabulary import Action, ClientState, ConsentPurpose
from services import audit
from services.audit import Deed, Detail
from services.consents import VERSION
from services.rules import Rules
from services.staff import demand
from storage.repositories import bindings as rows
from storage.repositories import client_chats, clients, consents
from storage.repositories.bindings import BindCode, Chat, NewCode
from storage.repositories.consents import Statement
from storage.repositories.staff import Staff
from storage.unit import Unit

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters that are not mistaken for one another."""

LENGTH = 8
DAY = timedelta(days=1)
COUNTRY, HOME_DIGITS = "86", 11
"""Platforms write the country's number before one of eleven digits; our records may not."""

_CODE = re.compile(rf"(?=.*\d)(?=.*[A-Z])[{ALPHABET}]{{{LENGTH}}}")
_GAPS = re.compile(r"[\s\-]+")
LEFT = frozenset({ClientState.CLOSED, ClientState.DECEASED})


class Result(StrEnum):
    """What came of a step of binding."""

    NEXT = "next"
    DONE = "done"
    WRONG = "wrong"
    EXPIRED = "expired"
    LOCKED = "locked"
    ALREADY = "already"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Step:
    """The result with what the client should know: tries left, or the end of a pause; `code_id` leads on.

    Of NEXT `until` is the end of the code.
    """

    result: Result
    remaining: int = 0
    until: datetime | None = None
    code_id: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A code wanted for a client by a member of staff (None: by the branch's own systems).

    `consents` are what the client has agreed to in writing; they hold once the chat is bound. `span` is the code's
    life where it is not the usual one; `by` names the system that asks.
    """

    client_id: int
    staff_id: int | None
    consents: Sequence[ConsentPurpose]
    at: datetime
    span: timedelta | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Vouched:
    """A chat that staff make a client's: the client's number, and the last four signs of the id they were shown.

    `code_id`: the code that the chat came with, if any.
    """

    account_id: int
    number: str
    tail: str
    at: datetime
    code_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Grant:
    """On whose word, and with which consents, a chat becomes a client's."""

    client_id: int
    consents: Sequence[ConsentPurpose]
    code_id: int | None
    staff_id: int | None = None


def code_in(text: str) -> str | None:
    """The code that a whole text is, in its plain form; letters alone or digits alone are never a code."""
    plain = _GAPS.sub("", text[: 4 * LENGTH + 1]).upper()
    return plain if len(text) <= 4 * LENGTH and _CODE.fullmatch(plain) else None


@dataclass(frozen=True)
class Identity:
    """Issues codes and binds chats."""

    rules: Rules

    def issue(self, unit: Unit, order: Order) -> str:
        """A new code for a client, to be shown once; the client's earlier unused codes end.

        Refused for clients who have left or have no id number on record, and after too many codes in a day.
        """
        client = clients.by_id(unit, order.client_id)
        if client is None or client.state in LEFT:
            raise Refused("bind_client_gone")
        if not rows.identity_of(unit, order.client_id):
            raise Refused("bind_identity_missing")
        limit = self.rules.bind_codes_daily
        if client_chats.issued_since(unit, order.client_id, order.at - DAY) >= limit:
            raise Refused("bind_codes_used_up", limit=limit)
        code = _new_code()
        rows.withdraw_unused(unit, order.at, order.client_id)
        expires_at = order.at + (order.span or self.rules.bind_span)
        rows.add(unit, NewCode(code, order.client_id, order.staff_id, order.consents, order.at, expires_at))
        detail: Detail = {"by": order.by} if order.by else {}
        audit.record(unit, Deed("bind_code.issue", f"client:{order.client_id}", order.at, order.staff_id, detail))
        return code

    def hand_out(self, unit: Unit, staff: Staff, order: Order) -> str:
        """The same by a member of staff, as far as their duties reach."""
        client = clients.by_id(unit, order.client_id)
        demand(staff, Action.ISSUE_BIND_CODE, own=client is not None and staff.has(*client.keepers))
        return self.issue(unit, replace(order, staff_id=staff.id))

    def present(self, unit: Unit, account_id: int, code: str, now: datetime) -> Step:
        """The first step: a code is shown. NEXT asks for the second factor."""
        chat = rows.chat(unit, account_id)
        if paused := _paused(chat, now):
            return paused
        found = rows.code(unit, code)
        if found is None:
            return self._fail(unit, chat, None, now)
        if _over(found, now):
            return Step(Result.EXPIRED)
        if chat.client_id is not None:
            return Step(Result.ALREADY if chat.client_id == found.client_id else Result.OTHER)
        return Step(Result.NEXT, until=found.expires_at, code_id=found.id)

    def prove(self, unit: Unit, account_id: int, code_id: int, tail: str, now: datetime) -> Step:
        """The second step: the last four signs of the id number."""
        return self._prove(
            unit, account_id, code_id, lambda client_id: _fits(rows.identity_of(unit, client_id), tail), now
        )

    def prove_by_phone(self, unit: Unit, account_id: int, code_id: int, phone: str, now: datetime) -> Step:
        """The second step: a telephone number that the platform says is the writer's own."""
        return self._prove(unit, account_id, code_id, lambda client_id: phone_matches(unit, client_id, phone), now)

    def _prove(self, unit: Unit, account_id: int, code_id: int, fits: Callable[[int], bool], now: datetime) -> Step:
        chat = rows.chat(unit, account_id)
        if paused := _paused(chat, now):
            return paused
        code = rows.code_by_id(unit, code_id)
        if code is None or _over(code, now):
            return Step(Result.EXPIRED)
        if not fits(code.client_id):
            return self._fail(unit, chat, code, now)
        if not rows.use_code(unit, code.id, chat.id, now):
            return Step(Result.EXPIRED)
        self._bind(unit, chat, _Grant(code.client_id, code.consents, code.id), now)
        return Step(Result.DONE)

    def vouch(self, unit: Unit, staff: Staff, vouched: Vouched) -> Step:
        """Make a chat in which its client cannot write to us theirs, as staff who saw their id card say.

        Wrong signs count as they do in a dialogue. Refused for clients who have left or have no id number on record.
        """
        client = clients.by_number(unit, vouched.number)
        demand(staff, Action.ISSUE_BIND_CODE, own=client is not None and staff.has(*client.keepers))
        if client is None or client.state in LEFT:
            raise Refused("tie_client_unknown")
        if not rows.identity_of(unit, client.id):
            raise Refused("bind_identity_missing")
        chat = rows.chat(unit, vouched.account_id)
        if paused := _paused(chat, vouched.at):
            return paused
        if chat.client_id is not None:
            return Step(Result.ALREADY if chat.client_id == client.id else Result.OTHER)
        if not _fits(rows.identity_of(unit, client.id), vouched.tail):
            return self._fail(unit, chat, None, vouched.at)
        code = _brought(unit, vouched, client.id)
        used = code is not None and rows.use_code(unit, code.id, chat.id, vouched.at)
        grant = _Grant(client.id, code.consents if code and used else (), code.id if code and used else None, staff.id)
        self._bind(unit, chat, grant, vouched.at)
        return Step(Result.DONE)

    def unbind(self, unit: Unit, account_id: int, now: datetime) -> bool:
        """Make the chat nobody's as its client wishes; False where it was nobody's."""
        chat = rows.chat(unit, account_id)
        if chat.client_id is None:
            return False
        rows.unbind(unit, account_id)
        audit.record(unit, Deed("chat.unbind", f"client:{chat.client_id}", now, detail={"chat": account_id}))
        return True

    def _bind(self, unit: Unit, chat: Chat, grant: _Grant, now: datetime) -> None:
        released = rows.bind(unit, chat, grant.client_id, now)
        for purpose in grant.consents:
            consents.add(unit, Statement(grant.client_id, purpose, True, VERSION, chat.channel, now))
        for each in [chat.id, *released]:
            action = "chat.bind" if each == chat.id else "chat.release"
            detail = {"chat": each, "code": grant.code_id}
            audit.record(unit, Deed(action, f"client:{grant.client_id}", now, grant.staff_id, detail))

    def _fail(self, unit: Unit, chat: Chat, code: BindCode | None, now: datetime) -> Step:
        """Count a wrong try on the chat and, where one was shown, on the code."""
        if code is not None:
            dead = code.failed_tries + 1 >= self.rules.bind_tries
            rows.fail_code(unit, code.id, now if dead else None)
        tries = chat.tries + 1
        if tries < self.rules.bind_tries:
            rows.set_tries(unit, chat.id, tries, None)
            return Step(Result.WRONG, remaining=self.rules.bind_tries - tries)
        until = now + self.rules.bind_pause
        rows.set_tries(unit, chat.id, 0, until)
        audit.record(unit, Deed("chat.bind_locked", f"chat:{chat.id}", now))
        return Step(Result.LOCKED, until=until)


def _new_code() -> str:
    """A random code with a digit and a letter, so that no word and no number looks like one."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if _CODE.fullmatch(code):
            return code


def _paused(chat: Chat, now: datetime) -> Step | None:
    if chat.locked_until is None or chat.locked_until <= now:
        return None
    return Step(Result.LOCKED, until=chat.locked_until)


def _brought(unit: Unit, vouched: Vouched, client_id: int) -> BindCode | None:
    """The code that a chat came with, where it is this client's and still good."""
    code = rows.code_by_id(unit, vouched.code_id) if vouched.code_id is not None else None
    return None if code is None or code.client_id != client_id or _over(code, vouched.at) else code


def _over(code: BindCode, now: datetime) -> bool:
    return code.used_at is not None or code.expires_at <= now


def depict(unit: Unit, staff: Staff, code: str, now: datetime) -> None:
    """Note who has a picture made that brings a code. Refused for one that can't be used, or not the person's."""
    found = rows.code(unit, code)
    client = clients.by_id(unit, found.client_id) if found else None
    demand(staff, Action.ISSUE_BIND_CODE, own=client is not None and staff.has(*client.keepers))
    if found is None or _over(found, now):
        raise Refused("bind_code_over")
    audit.record(unit, Deed("bind_code.depict", f"client:{found.client_id}", now, staff.id))


def phone_matches(unit: Unit, client_id: int, phone: str) -> bool:
    """Whether a number is the client's, as it stands or without the country's."""
    digits = "".join(sign for sign in phone if sign in string.digits)
    home = digits.removeprefix(COUNTRY) if len(digits) == len(COUNTRY) + HOME_DIGITS else digits
    return bool(digits) and rows.has_phone(unit, client_id, {digits, home, f"+{digits}"})


def _fits(identity: str | None, tail: str) -> bool:
    """Compared in constant time; an id number that is not there fits nothing."""
    wanted = (identity or "")[-4:].upper().encode()
    return len(wanted) >= 4 and hmac.compare_digest(wanted, tail.strip().upper().encode())
