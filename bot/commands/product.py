"""`quanfu product`: the register of products with their ratings, and who may receive them."""

import sys
from functools import partial
from typing import Annotated

import typer

from bot.commands import session, table_import
from bot.commands.session import Session
from bot.commands.table_import import As, Dry, Given, MappingName, Table
from bot.commands.tables import show as print_table
from bot.commands.words import tell, word
from bot.errors import Refused
from bot.vocabulary import ProductRisk
from services.suitability import products
from services.suitability.product_tables import PRODUCTS
from services.suitability.products import Product, Question
from storage.repositories import products as rows
from storage.repositories.staff import Staff

app = typer.Typer(no_args_is_help=True)
app.add_typer(table_import.mapping_commands(lambda: PRODUCTS), name="mapping")

PAGE = 500


@app.callback()
def product() -> None:
    """The register of products."""


@app.command("import")
def import_file(file: Table, number: As, name: MappingName = None, dry_run: Dry = False) -> None:
    """Import products and ratings: good rows are taken, every bad one is told and written to FILE.rejected.csv."""
    table_import.bring_in(number, PRODUCTS, Given(file, name, dry_run))


@app.command("list")
def list_products(risk: Annotated[ProductRisk | None, typer.Option(help="only of this rating")] = None) -> None:
    """Show the register by code."""
    session.run(partial(_list, risk=risk))


@app.command()
def show(code: Annotated[str, typer.Argument(help="the product's code")]) -> None:
    """Show one product."""
    session.run(partial(_show, code=code))


@app.command()
def check(
    code: Annotated[str, typer.Argument(help="the product's code")],
    client: Annotated[str, typer.Argument(help="the client's number")],
    number: Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")],
) -> None:
    """Tell whether a client may receive a product, and every reason why not; the answer is kept."""
    session.run_as(number, partial(_check, code=code, client=client))


async def _list(desk: Session, risk: ProductRisk | None) -> None:
    found: list[Product] = []
    while page := await desk.database.read(partial(rows.page, risk=risk, after=_last(found), limit=PAGE)):
        found += page
    print_table([_heads(), *map(_line, found)])


def _last(found: list[Product]) -> str:
    return found[-1].code if found else ""


async def _show(desk: Session, code: str) -> None:
    found = await desk.database.read(lambda unit: products.one(unit, code))
    print_table([*zip(_heads(), _line(found), strict=True)])


async def _check(desk: Session, staff: Staff, code: str, client: str) -> None:
    question = Question(client, code, desk.settings.rules.elder_age, desk.clock.now())
    decision = await desk.database.write(lambda unit: products.asked(unit, staff, question))
    if decision.allowed:
        tell("product_suits", version=decision.version)
        return
    for reason in decision.reasons:
        sys.stdout.write(word(f"suitability_reason_{reason.value}") + "\n")
    raise Refused("product_unsuitable", version=decision.version)


def _heads() -> list[str]:
    return [word(f"product_head_{name}") for name in ("code", "risk", "name", "rated_on", "offered")]


def _line(one: Product) -> list[str]:
    return [one.code, one.risk.value, one.name, one.rated_on.isoformat(), word("yes" if one.offered else "no")]
