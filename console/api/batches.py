"""Batches of rows: each is taken or told why not, by the checks of the tables."""

from collections.abc import Sequence

from pydantic import BaseModel, Field
from starlette.responses import Response

from console.api.callers import Writer
from console.api.problems import Fault, fault_of, words_for
from services.integrations import batches as rules
from services.tables.run import Noun
from storage.unit import Unit


class RowOut(BaseModel):
    """A row that was not taken."""

    row: int = Field(description="its place in `rows`, from 0")
    faults: list[Fault]


class PushedOut(BaseModel):
    """What became of the rows; those that are not among `rejected` stand."""

    new: int
    changed: int
    unchanged: int
    rejected: list[RowOut]


async def pushed(by: Writer, noun: Noun, told: Sequence[BaseModel]) -> Response:
    """Take the rows, once."""
    words = words_for(by.caller.request)
    cells = [one.model_dump(exclude_none=True) for one in told]

    def work(unit: Unit) -> tuple[int, BaseModel]:
        counts, rejected = rules.take(unit, by.by, noun, cells)
        bad = [
            RowOut(row=one.row.line, faults=[fault_of(words, cell.field, cell.fault) for cell in one.bad])
            for one in rejected
        ]
        return 200, PushedOut(new=counts.new, changed=counts.changed, unchanged=counts.unchanged, rejected=bad)

    return await by.carry_out(work)
