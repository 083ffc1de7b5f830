"""Pictures and files in the console: who sees them, how they go out, and what is written down."""

import httpx
import pytest
from sqlalchemy import insert, select, update

from bot.vocabulary import EntryKind, MediaRefusal, MediaState
from storage.models import AuditRow, InboxRow, MediaRow, TicketRow
from storage.repositories import tickets
from storage.repositories.media import Found
from storage.repositories.tickets import Entry
from storage.unit import Unit
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import ADMIN, ADVISER, COMPLIANCE, HEAD, RM, SERVICE, VISITOR, Stand
from tests.library import MemoryStore
from tests.pictures import PDF, picture

KEY = "ab" * 16
PHOTO = picture("PNG")


async def sent(branch: Stand, number: int, content: bytes = PHOTO, kind: str = "image/png") -> int:
    """A client sent a file in a conversation; gives the file's number."""
    inbox_id = await branch.hear(number, "")
    await branch.console.library.put(Found(KEY, kind, len(content)), content)
    now = branch.clock.now()

    def write(unit: Unit) -> int:
        unit.session.execute(update(InboxRow).where(InboxRow.id == inbox_id).values(kind="image"))
        values = {"inbox_id": inbox_id, "state": MediaState.KEPT, "key": KEY, "type": kind, "size": len(content)}
        row = values | {"wanted_at": now, "next_at": now, "settled_at": now}
        return int(unit.session.execute(insert(MediaRow).values(row).returning(MediaRow.id)).scalar_one())

    return await branch.database.write(write)


async def onto_ticket(branch: Stand, number: str, media_id: int, assignee: str | None = None) -> None:
    """The file's message stands on a ticket that somebody works on."""

    def write(unit: Unit) -> None:
        ticket = unit.session.scalars(select(TicketRow).where(TicketRow.number == number)).one()
        ticket.assignee_id = branch.staff[assignee] if assignee else None
        inbox_id = unit.session.get_one(MediaRow, media_id).inbox_id
        tickets.add_entry(unit, ticket.id, Entry(EntryKind.CLIENT_MESSAGE, branch.clock.now(), "", inbox_id=inbox_id))

    await branch.database.write(write)


async def opened(person: Person, media_id: int, *, original: bool = False) -> httpx.Response:
    """The file as a page asks for it."""
    return await person.get(f"/console/media/{media_id}{'?original=1' if original else ''}")


async def deeds(branch: Stand) -> list[tuple[str, int | None]]:
    """What was written down of files."""
    chosen = select(AuditRow.object, AuditRow.staff_id).where(AuditRow.action == "media.open")
    return await branch.database.read(lambda unit: [(row[0], row[1]) for row in unit.session.execute(chosen)])


async def test_a_picture_stands_in_its_conversation_and_is_shown_as_a_copy(branch: Stand, sign_in: SignIn) -> None:
    number = await branch.chat("您好")
    media_id, person = await sent(branch, number), await sign_in(SERVICE)
    page = (await person.get(f"/console/conversations/{number}")).text
    assert f'<img src="/console/media/{media_id}"' in page
    shown = await opened(person, media_id)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["content-disposition"] == f'inline; filename="{media_id}.jpg"'
    assert await deeds(branch) == []


@pytest.mark.parametrize(("content", "kind", "ending"), [(PHOTO, "image/png", "png"), (PDF, "application/pdf", "pdf")])
async def test_an_original_is_saved_shut_in_and_written_down(
    branch: Stand, sign_in: SignIn, content: bytes, kind: str, ending: str
) -> None:
    media_id = await sent(branch, await branch.chat("您好"), content, kind)
    answer = await opened(await sign_in(SERVICE), media_id, original=kind.startswith("image"))
    assert answer.content == content
    assert answer.headers["content-disposition"] == f'attachment; filename="{media_id}.{ending}"'
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (answer.headers["x-content-type-options"], answer.headers["x-frame-options"]) == ("nosniff", "DENY")
    assert await deeds(branch) == [(f"media:{media_id}", branch.staff[SERVICE])]


@pytest.mark.parametrize(
    ("number", "client", "status"),
    [
        (SERVICE, "C2", 200),
        (COMPLIANCE, "C2", 200),
        (HEAD, "C2", 200),
        (RM, "C1", 200),
        (RM, "C2", 404),
        (ADVISER, "C2", 404),
        (ADMIN, "C1", 403),
        (VISITOR, "C1", 403),
    ],
)
async def test_roles_decide_who_sees_it(branch: Stand, sign_in: SignIn, number: str, client: str, status: int) -> None:
    media_id = await sent(branch, await branch.chat("您好", client))
    person = await sign_in(number)
    assert (await opened(person, media_id)).status_code == status
    assert (await opened(person, media_id, original=True)).status_code == status


async def test_nobody_without_a_sign_in_sees_it(branch: Stand, http: httpx.AsyncClient) -> None:
    media_id = await sent(branch, await branch.chat("您好"))
    answer = await http.get(f"/console/media/{media_id}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/login")


async def test_whoever_works_on_the_ticket_sees_what_was_sent_to_it(branch: Stand, sign_in: SignIn) -> None:
    number = await branch.complaint("佣金不符", client="C2")
    media_id, person = await sent(branch, await branch.chat("图", "C2")), await sign_in(ADVISER)
    await onto_ticket(branch, number, media_id)
    assert (await opened(person, media_id)).status_code == 404
    await onto_ticket(branch, number, media_id, ADVISER)
    assert (await opened(person, media_id)).status_code == 200
    page = (await person.get(f"/console/tickets/{number}")).text
    assert f'<img src="/console/media/{media_id}"' in page


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        (MediaState.WANTED, None, "正在获取"),
        (MediaState.REFUSED, MediaRefusal.TOO_LARGE, "未保存：文件太大"),
        (MediaState.REMOVED, None, "已过保存期"),
    ],
)
async def test_what_is_not_there_is_told_and_cannot_be_opened(
    branch: Stand, sign_in: SignIn, state: MediaState, reason: MediaRefusal | None, said: str
) -> None:
    number = await branch.chat("您好")
    media_id, person = await sent(branch, number), await sign_in(SERVICE)
    changed = update(MediaRow).where(MediaRow.id == media_id).values(state=state, reason=reason, key=None)
    await branch.database.write(lambda unit: unit.session.execute(changed) and None)
    assert said in words(await person.get(f"/console/conversations/{number}"))
    assert (await opened(person, media_id)).status_code == 404


async def test_a_store_that_lost_it_or_is_away_is_told(branch: Stand, sign_in: SignIn) -> None:
    media_id, person = await sent(branch, await branch.chat("您好")), await sign_in(SERVICE)
    store = branch.console.library.store
    assert isinstance(store, MemoryStore)
    store.down = True
    assert (await opened(person, media_id)).status_code == 503
    store.down = False
    store.items.clear()
    assert (await opened(person, media_id)).status_code == 404
    assert (await opened(person, 999)).status_code == 404
