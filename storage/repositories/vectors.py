"""Vectors of texts, kept by model and hash: to make one costs a model's work or a request."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from storage.models import VectorRow
from storage.unit import Unit
from storage.upserts import insertion

AT_ONCE = 500


def known(unit: Unit, model: str, digests: Sequence[bytes]) -> dict[bytes, bytes]:
    """Digest → vector, of those that are kept."""
    found: dict[bytes, bytes] = {}
    for start in range(0, len(digests), AT_ONCE):
        wanted = VectorRow.digest.in_(digests[start : start + AT_ONCE])
        rows = unit.session.execute(select(VectorRow.digest, VectorRow.vector).where(VectorRow.model == model, wanted))
        found |= {row.digest: row.vector for row in rows}
    return found


def keep(unit: Unit, model: str, vectors: Mapping[bytes, bytes]) -> None:
    """Keep vectors by digest; one that is there already is replaced."""
    rows = [{"model": model, "digest": digest, "vector": vector} for digest, vector in vectors.items()]
    if rows:
        new = insertion(unit, VectorRow)
        change = new.on_conflict_do_update(index_elements=["model", "digest"], set_={"vector": new.excluded.vector})
        unit.session.execute(change, rows)
