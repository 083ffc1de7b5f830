"""Where a list goes on: a sort value and an id, signed so that nobody can ask for another order."""

from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer

from console.visits import Visit
from storage.repositories.chronicle import Mark


def _signer(visit: Visit, use: str) -> URLSafeSerializer:
    return URLSafeSerializer(visit.console.database.vault.derive("console cursor"), salt=use)


def written(visit: Visit, use: str, *values: object) -> str:
    """The word for an address."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return str(_signer(visit, use).dumps(plain))


def _read(visit: Visit, use: str) -> list[object] | None:
    word = visit.request.query_params.get("after", "")
    try:
        found = _signer(visit, use).loads(word) if word else None
    except BadSignature:
        return None
    return found if isinstance(found, list) else None


def moment(visit: Visit, use: str) -> tuple[datetime, int] | None:
    """The instant and id that the address goes on from; None at the beginning, and for a word that is not ours."""
    match _read(visit, use):
        case [str(at), int(number)]:
            return datetime.fromisoformat(at), number
    return None


def number(visit: Visit, use: str) -> int | None:
    """The id that the address goes on from."""
    match _read(visit, use):
        case [int(found)]:
            return found
    return None


def place(visit: Visit, use: str) -> Mark | None:
    """The place in a dialogue that the address goes back from."""
    match _read(visit, use):
        case [str(at), int(rank), int(found)]:
            return Mark(datetime.fromisoformat(at), rank, found)
    return None
