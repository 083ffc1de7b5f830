"""`quanfu wecom`: codes of contacts, tasks that wait for members, and chats of the desk that members take over."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from bot.app.channels import wecom_contacts, wecom_desk
from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import tell, word
from bot.errors import QuanfuError
from bot.vocabulary import Action, ChannelKind, Owner
from services import audit
from services.audit import Deed
from services.identity import code_in, depict
from services.staff import demand
from storage.repositories import conversations, tickets
from storage.repositories import tasks as rows
from storage.repositories.conversations import Conversation
from storage.repositories.staff import Staff
from storage.unit import Unit

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Ticket = Annotated[str, typer.Argument(help="the ticket's number")]
Id = Annotated[int, typer.Argument(help="the broadcast's number")]


@app.callback()
def wecom() -> None:
    """A WeCom corp."""


@app.command()
def qr(
    code: str,
    member: Annotated[str, typer.Option(help="whom the client adds by it (userid)")],
    number: Number,
    account: Annotated[str, typer.Option(help="the account's name in the settings")] = "main",
) -> None:
    """A QR code by which a client adds a member, and which brings a bind code; staff then tie the contact."""
    session.run_as(number, partial(_qr, account=account, member=member, code=code))


async def _qr(desk: Session, staff: Staff, account: str, member: str, code: str) -> None:
    plain = code_in(code)
    if plain is None:
        raise QuanfuError(word("wecom_no_code"))
    await desk.database.write(lambda unit: depict(unit, staff, plain, desk.clock.now()))
    channel = wecom_contacts(desk.settings, desk.database, desk.clock, f"{account}-contacts")
    try:
        picture = await channel.ways.make(member, plain)
    finally:
        await channel.close()
    tell("wecom_qr", picture=picture)


@app.command()
def tasks(broadcast_id: Id, number: Number) -> None:
    """Show which members have still to confirm a broadcast, and for how many clients."""
    session.run_as(number, partial(_tasks, broadcast_id=broadcast_id))


@app.command()
def remind(broadcast_id: Id, number: Number) -> None:
    """Remind them; the platform allows it three times in 24 hours."""
    session.run_as(number, partial(_remind, broadcast_id=broadcast_id))


@app.command("hand-over")
def hand_over(
    ticket: Ticket,
    number: Number,
    member: Annotated[str | None, typer.Option(help="the member (userid); without one whoever is free")] = None,
) -> None:
    """Give a chat that you have taken to members of the desk: from then on they answer it in WeCom."""
    session.run_as(number, partial(_hand_over, ticket=ticket, member=member))


@app.command("session")
def who_has_it(ticket: Ticket, number: Number) -> None:
    """Show who has a chat at the desk: while members have it, or it has ended, nobody else can write there."""
    session.run_as(number, partial(_session, ticket=ticket))


async def _waiting(desk: Session, staff: Staff, broadcast_id: int) -> dict[str, list[str]]:
    """The platform's names of what waits, by account; Refused to those who may not see the broadcast's report."""
    broadcasts = desk.outreach.broadcasts

    def read(unit: Unit) -> Sequence[tuple[str, str]]:
        broadcasts.report(unit, staff, broadcast_id)
        return rows.waiting_of(unit, broadcast_id)

    found = await desk.database.read(read)
    if not found:
        tell("wecom_none_waiting", id=broadcast_id)
    return {account: [name for own, name in found if own == account] for account, _ in found}


async def _tasks(desk: Session, staff: Staff, broadcast_id: int) -> None:
    lines: list[Sequence[str]] = []
    for account, names in (await _waiting(desk, staff, broadcast_id)).items():
        channel = wecom_contacts(desk.settings, desk.database, desk.clock, account)
        try:
            found = await channel.tasks.standing(names)
        finally:
            await channel.close()
        lines += [(one.member, str(one.clients), str(one.waiting)) for one in found]
    if lines:
        show([[word(f"wecom_head_{head}") for head in ("member", "clients", "waiting")], *lines])


async def _remind(desk: Session, staff: Staff, broadcast_id: int) -> None:
    for account, names in (await _waiting(desk, staff, broadcast_id)).items():
        channel = wecom_contacts(desk.settings, desk.database, desk.clock, account)
        try:
            await channel.tasks.remind(names)
        finally:
            await channel.close()
        tell("wecom_reminded", id=broadcast_id)


async def _session(desk: Session, staff: Staff, ticket: str) -> None:
    chat = await _at_desk(desk, staff, ticket)
    channel = wecom_desk(desk.settings, desk.database, desk.clock, chat.addressee.account)
    try:
        state = await channel.session(chat.addressee.address)
    finally:
        await channel.close()
    tell(f"wecom_session_{state.name.lower()}", number=ticket)


async def _at_desk(desk: Session, staff: Staff, ticket: str) -> Conversation:
    demand(staff, Action.REPLY)
    chat = await desk.database.read(lambda unit: _chat(unit, ticket))
    if chat is None:
        raise QuanfuError(word("wecom_no_desk", number=ticket))
    return chat


async def _hand_over(desk: Session, staff: Staff, ticket: str, member: str | None) -> None:
    chat = await _at_desk(desk, staff, ticket)
    if chat.owner is not Owner.STAFF or chat.staff_id != staff.id:
        raise QuanfuError(word("wecom_take_first", number=ticket))
    channel = wecom_desk(desk.settings, desk.database, desk.clock, chat.addressee.account)
    try:
        await channel.hand_over(chat.addressee.address, member)
    finally:
        await channel.close()
    deed = Deed("conversation.hand_over", f"conversation:{chat.id}", desk.clock.now(), staff.id)
    await desk.database.write(lambda unit: audit.record(unit, deed))
    tell("wecom_handed_over", number=ticket)


def _chat(unit: Unit, number: str) -> Conversation | None:
    """The chat at a service desk that a ticket is about."""
    ticket = tickets.by_number(unit, number)
    found = conversations.by_id(unit, ticket.conversation_id) if ticket and ticket.conversation_id else None
    at_desk = found is not None and found.addressee.channel is ChannelKind.WECOM and ":" in found.addressee.address
    return found if at_desk else None
