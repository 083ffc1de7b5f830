"""`quanfu wechat`: the account's menu, QR codes that bind a client or sign somebody up, and mass sends."""

import difflib
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.channels import wechat_office
from bot.commands import session
from bot.commands.session import Session
from bot.commands.words import name as named
from bot.commands.words import tell, word
from bot.errors import QuanfuError, Refused
from bot.vocabulary import Locale
from storage.repositories.staff import Staff

if TYPE_CHECKING:
    from bot.app.channels import WechatOffice

app = typer.Typer(no_args_is_help=True)
menus = typer.Typer(no_args_is_help=True)
codes = typer.Typer(no_args_is_help=True)
masses = typer.Typer(no_args_is_help=True)
app.add_typer(menus, name="menu", help="The menu below the chat.")
app.add_typer(codes, name="qr", help="QR codes of the account.")
app.add_typer(masses, name="mass", help="Mass sends: a look beforehand, and at what became of them.")

MenuFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the menu as YAML")]
Account = Annotated[str, typer.Option(help="the account's name in the settings")]
Number = Annotated[str, typer.Argument(help="the platform's number of the mass send")]
BIND = "bind_"
"""Before a bind code in a scene."""


@app.callback()
def wechat() -> None:
    """A WeChat official account."""


@menus.command()
def push(file: MenuFile, account: Account = "main") -> None:
    """Replace the menu by that of a file; a file with faults changes nothing."""
    text = file.read_text("utf-8")

    async def work(office: "WechatOffice") -> None:
        await office.set_menu(text)
        tell("wechat_menu_pushed")

    session.run(partial(_at, account=account, work=work))


@menus.command()
def show(account: Account = "main") -> None:
    """Print the menu that clients see, in the form of a file."""

    async def work(office: "WechatOffice") -> None:
        sys.stdout.write(await office.menu())

    session.run(partial(_at, account=account, work=work))


@menus.command()
def diff(file: MenuFile, account: Account = "main") -> None:
    """Show what a push would change; ends with 1 where anything would."""
    text = file.read_text("utf-8")

    async def work(office: "WechatOffice") -> None:
        present, wanted = await office.menu(), office.tidied(text)
        before, after = (one.splitlines(keepends=True) for one in (present, wanted))
        lines = list(difflib.unified_diff(before, after, word("wechat_menu_present"), str(file)))
        sys.stdout.writelines(lines)
        if lines:
            raise QuanfuError(word("wechat_menu_differs"))
        tell("wechat_menu_same")

    session.run(partial(_at, account=account, work=work))


@codes.command()
def bind(
    code: str,
    days: Annotated[int | None, typer.Option(min=1, max=30, help="how long it lives, for a code from a list")] = None,
    account: Account = "main",
) -> None:
    """A QR code for a bind code: who scans it is asked for the second factor; without days it lives as a code does."""

    async def work(office: "WechatOffice", life: timedelta) -> None:
        await _print(office, f"{BIND}{code}", life)

    async def lasting(desk: Session) -> None:
        life = timedelta(days=days) if days else timedelta(minutes=desk.settings.rules.bind_minutes)
        await _at(desk, account, partial(work, life=life))

    session.run(lasting)


@codes.command()
def scene(
    name: str,
    days: Annotated[int, typer.Option(min=1, max=30, help="how long it lives")] = 30,
    permanent: Annotated[bool, typer.Option(help="for ever; an account has 100,000 of these")] = False,
    account: Account = "main",
) -> None:
    """A QR code for a salon or another occasion; whoever scans it comes with this name."""
    life = None if permanent else timedelta(days=days)
    session.run(partial(_at, account=account, work=partial(_print, scene=name, life=life)))


async def _print(office: "WechatOffice", scene: str, life: timedelta | None) -> None:
    made = await office.qr_code(scene, life)
    tell("wechat_qr", url=made.url, picture=made.picture)


@masses.command("preview")
def try_out(
    broadcast_id: Annotated[int, typer.Argument(help="number of the broadcast")],
    wechat_name: Annotated[str, typer.Option("--to", help="the WeChat name of a member of staff who follows")],
    number: Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")],
    locale: Annotated[Locale, typer.Option(help="in which language")] = Locale.ZH_CN,
    account: Account = "main",
) -> None:
    """Send a broadcast's text to one phone, to see how it will look."""

    async def work(desk: Session, reader: Staff) -> None:
        board = desk.outreach.broadcasts
        _, said = await desk.database.read(lambda unit: board.read_out(unit, reader, broadcast_id))
        await _at(desk, account, lambda office: office.try_out(said[locale], wechat_name))
        tell("wechat_mass_previewed")

    session.run_as(number, work)


@masses.command()
def status(number: Number, account: Account = "main") -> None:
    """Ask the platform what became of a mass send."""

    async def work(office: "WechatOffice") -> None:
        status = await office.mass_status(_digits(number))
        tell("wechat_mass_status", status=named("wechat_mass", status))

    session.run(partial(_at, account=account, work=work))


@masses.command()
def delete(number: Number, account: Account = "main") -> None:
    """Take back an article or video that was sent; those who have its card keep it. Texts can't be taken back."""

    async def work(office: "WechatOffice") -> None:
        await office.delete_mass(_digits(number))
        tell("wechat_mass_deleted")

    session.run(partial(_at, account=account, work=work))


def _digits(number: str) -> str:
    """The number alone, also where a report's name of it (`mass:…`) was copied."""
    digits = number.rpartition(":")[2]
    if not (digits.isascii() and digits.isdigit()):
        raise Refused("wechat_mass_number")
    return digits


async def _at(desk: Session, account: str, work: Callable[["WechatOffice"], Awaitable[None]]) -> None:
    office = wechat_office(desk.settings, desk.database, desk.clock, account)
    try:
        await work(office)
    finally:
        await office.close()
