"""`quanfu client`: one person's rights: a copy of all that is held of them."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import session
from bot.commands.session import Session, private
from bot.commands.words import tell
from bot.errors import Refused
from services.rights import copies
from services.rights.copies import Wish
from storage.repositories.staff import Staff

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="the client's number")]
Acting = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Reason = Annotated[str, typer.Option(help="why; it is kept in the audit trail")]


@app.callback()
def client() -> None:
    """One client of the branch."""


@app.command()
def export(
    client_number: Number,
    number: Acting,
    reason: Reason,
    out: Annotated[Path, typer.Option(help="the ZIP to be written; it must not be there yet")],
) -> None:
    """Write all that is held of one person to a file for them; that you did is recorded."""
    session.run_as(number, partial(_export, client=client_number, reason=reason, out=out))


async def _export(desk: Session, staff: Staff, client: str, reason: str, out: Path) -> None:
    wish, file = Wish(client, staff, reason, desk.clock.now()), private(out)
    try:
        copy = await desk.database.write(lambda unit: copies.take(unit, wish))
    except Refused:
        file.unlink()
        raise
    file.write_bytes(copies.packed(copy))
    tell("client_exported", file=out)
