"""Bind codes and the second factor."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.clock import MovableClock
from bot.errors import Refused
from bot.vocabulary import ChannelKind, ClientState
from services.identity import ALPHABET, Identity, Order, Result, Step, code_in
from services.rules import Rules
from storage.models import AuditRow, BindCodeRow, ChatAccountRow, ClientRow
from storage.unit import Database
from tests.handlers.rig import Branch, Chat

IDENTITY = Identity(Rules())


@pytest.fixture
def branch(database: Database, clock: MovableClock) -> Branch:
    return Branch(database, clock)


async def issued(branch: Branch, client_id: int) -> str:
    return await branch.write(lambda unit: IDENTITY.issue(unit, Order(client_id, None, (), branch.clock.now())))


async def present(chat: Chat, code: str) -> Step:
    now = chat.branch.clock.now()
    return await chat.branch.write(lambda unit: IDENTITY.present(unit, chat.account_id, code, now))


async def prove(chat: Chat, code_id: int | None, tail: str) -> Step:
    now = chat.branch.clock.now()
    return await chat.branch.write(lambda unit: IDENTITY.prove(unit, chat.account_id, code_id or 0, tail, now))


async def owner(chat: Chat) -> int | None:
    wanted = select(ChatAccountRow.client_id).where(ChatAccountRow.id == chat.account_id)
    return await chat.branch.read(lambda unit: unit.session.scalars(wanted).one())


async def bound(branch: Branch, client_id: int, channel: ChannelKind = ChannelKind.WEBCHAT) -> Chat:
    chat = await branch.chat(channel)
    step = await present(chat, await issued(branch, client_id))
    assert (await prove(chat, step.code_id, "123X")).result is Result.DONE
    return chat


async def test_a_code_is_unambiguous_and_only_its_hash_is_kept(branch: Branch) -> None:
    code = await issued(branch, await branch.client())
    assert set(code) <= set(ALPHABET)
    assert code_in(f" {code[:4].lower()}-{code[4:]} ") == code
    rows = await branch.read(lambda unit: unit.session.scalars(select(BindCodeRow.code_key)).all())
    assert rows == [branch.database.vault.lookup("bind_codes.code", code)]


async def test_a_code_works_once(branch: Branch) -> None:
    code = await issued(branch, await branch.client())
    one, other = await branch.chat(), await branch.chat()
    step = await present(one, code)
    late = await present(other, code)
    assert (await prove(one, step.code_id, "123x")).result is Result.DONE
    assert (await prove(other, late.code_id, "123X")).result is Result.EXPIRED
    assert (await present(other, code)).result is Result.EXPIRED


async def test_a_code_ends_with_its_time_and_with_the_next_one(branch: Branch, clock: MovableClock) -> None:
    client_id = await branch.client()
    chat = await branch.chat()
    first = await issued(branch, client_id)
    second = await issued(branch, client_id)
    assert (await present(chat, first)).result is Result.EXPIRED
    clock.move(timedelta(minutes=30))
    assert (await present(chat, second)).result is Result.EXPIRED


async def test_guessing_from_many_chats_kills_the_code(branch: Branch) -> None:
    code = await issued(branch, await branch.client())
    for tail in ("0000", "0001", "0002"):
        guesser = await branch.chat()
        step = await present(guesser, code)
        assert (await prove(guesser, step.code_id, tail)).result is Result.WRONG
    assert (await present(await branch.chat(), code)).result is Result.EXPIRED


async def test_a_paused_chat_is_not_heard_even_with_the_right_code(branch: Branch, clock: MovableClock) -> None:
    chat = await branch.chat()
    remaining = [(await present(chat, "ABCD2345")).remaining for _ in range(3)]
    assert remaining == [2, 1, 0]
    locked = await present(chat, await issued(branch, await branch.client()))
    assert (locked.result, locked.until) == (Result.LOCKED, clock.now() + timedelta(hours=1))


async def test_a_new_chat_on_the_same_platform_takes_the_place_of_the_old(branch: Branch) -> None:
    client_id = await branch.client()
    old = await bound(branch, client_id)
    elsewhere = await bound(branch, client_id, ChannelKind.TELEGRAM)
    new = await bound(branch, client_id)
    assert [await owner(chat) for chat in (old, elsewhere, new)] == [None, client_id, client_id]
    actions = await branch.read(lambda unit: unit.session.scalars(select(AuditRow.action)).all())
    assert actions.count("chat.release") == 1


async def test_a_chat_of_one_client_is_not_made_another_s(branch: Branch) -> None:
    chat = await bound(branch, await branch.client())
    assert (await present(chat, await issued(branch, await branch.client()))).result is Result.OTHER


async def test_letting_go_is_written_down(branch: Branch, clock: MovableClock) -> None:
    chat = await bound(branch, await branch.client())
    for expected in (True, False):
        assert await branch.write(lambda unit: IDENTITY.unbind(unit, chat.account_id, clock.now())) is expected
    actions = await branch.read(lambda unit: unit.session.scalars(select(AuditRow.action)).all())
    assert actions.count("chat.unbind") == 1


async def test_no_code_is_issued_that_nobody_could_use(branch: Branch) -> None:
    with pytest.raises(Refused, match="bind_identity_missing"):
        await issued(branch, await branch.client(identity=None))
    with pytest.raises(Refused, match="bind_client_gone"):
        await issued(branch, 999)
    left = await branch.client()
    for state in (ClientState.CLOSED, ClientState.DECEASED):
        gone = update(ClientRow).where(ClientRow.id == left).values(state=state)
        await branch.write(lambda unit, gone=gone: unit.session.execute(gone) and None)  # type: ignore[misc]
        with pytest.raises(Refused, match="bind_client_gone"):
            await issued(branch, left)


@pytest.mark.parametrize("text", ["", "transfer", "23456789", "ABCD234", "ABCD23456", "ABCD0234", "绑定 ABCD2345"])
def test_what_is_no_code(text: str) -> None:
    assert code_in(text) is None


async def test_a_client_is_given_so_many_codes_in_a_day(branch: Branch, clock: MovableClock) -> None:
    client_id = await branch.client()
    for _ in range(Rules().bind_codes_daily):
        await issued(branch, client_id)
        clock.move(timedelta(minutes=1))
    with pytest.raises(Refused, match="bind_codes_used_up"):
        await issued(branch, client_id)
    clock.move(timedelta(hours=24) - timedelta(minutes=4))
    assert code_in(await issued(branch, client_id))


async def test_a_code_may_live_longer_where_it_goes_by_letter(branch: Branch, clock: MovableClock) -> None:
    client_id, chat = await branch.client(), await branch.chat()
    order = Order(client_id, None, (), clock.now(), span=timedelta(days=7))
    code = await branch.write(lambda unit: IDENTITY.issue(unit, order))
    clock.move(timedelta(days=6))
    assert (await present(chat, code)).result is Result.NEXT
    clock.move(timedelta(days=1))
    assert (await present(chat, code)).result is Result.EXPIRED
