"""Reading and writing integrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.vocabulary import Scope
from storage.models import IntegrationRow
from storage.unit import Unit

TOKEN = "integrations.token"  # noqa: S105 - the place under which a token is looked up; the token itself is not kept


@dataclass(frozen=True, slots=True)
class Integration:
    """A system of the branch that may use the JSON API."""

    id: int
    name: str
    scopes: frozenset[Scope]
    per_minute: int
    created_at: datetime
    revoked_at: datetime | None

    @property
    def signed(self) -> str:
        """How the audit trail names it."""
        return f"integration:{self.name}"


@dataclass(frozen=True, slots=True)
class NewIntegration:
    """One to be let in; `token` is not stored."""

    name: str
    token: str
    scopes: Sequence[Scope]
    per_minute: int
    created_by: int


def add(unit: Unit, new: NewIntegration, now: datetime) -> None:
    """Store a new one by its token's keyed hash."""
    unit.session.add(
        IntegrationRow(
            name=new.name,
            token_key=unit.vault.lookup(TOKEN, new.token),
            scopes=sorted(scope.value for scope in new.scopes),
            per_minute=new.per_minute,
            created_by=new.created_by,
            created_at=now,
        )
    )
    unit.flush()


def by_token(unit: Unit, token: str) -> Integration | None:
    """Whose token it is, revoked or not."""
    key = unit.vault.lookup(TOKEN, token)
    row = unit.session.scalars(select(IntegrationRow).where(IntegrationRow.token_key == key)).one_or_none()
    return None if row is None else _integration(row)


def by_name(unit: Unit, name: str) -> Integration | None:
    """The one of this name, revoked or not."""
    row = unit.session.scalars(select(IntegrationRow).where(IntegrationRow.name == name)).one_or_none()
    return None if row is None else _integration(row)


def all_of(unit: Unit) -> list[Integration]:
    """All, also those that were revoked."""
    return [_integration(row) for row in unit.session.scalars(select(IntegrationRow).order_by(IntegrationRow.name))]


def hold(unit: Unit, integration_id: int) -> None:
    """Let no other request of this system be carried out until the transaction ends."""
    unit.session.execute(select(IntegrationRow.id).where(IntegrationRow.id == integration_id).with_for_update())


def revoke(unit: Unit, integration_id: int, now: datetime) -> None:
    """Let it in no more."""
    unit.session.execute(update(IntegrationRow).where(IntegrationRow.id == integration_id).values(revoked_at=now))


def _integration(row: IntegrationRow) -> Integration:
    scopes = frozenset(Scope(word) for word in row.scopes)
    return Integration(row.id, row.name, scopes, row.per_minute, row.created_at, row.revoked_at)
