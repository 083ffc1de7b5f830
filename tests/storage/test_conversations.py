"""Whoever holds several conversations takes them in one order, so that two processes never wait for each other."""

import asyncio
from functools import partial

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from bot.vocabulary import Addressee, ChannelKind
from storage.repositories import accounts, conversations
from storage.unit import Unit
from tests.bot.stand import standing

CHATS = (Addressee(ChannelKind.WECHAT, "main", "one"), Addressee(ChannelKind.TELEGRAM, "main", "two"))


def held(engine: Engine, conversation_id: int) -> bool:
    """Whether somebody holds a conversation now."""
    with engine.connect() as other:
        try:
            other.execute(text("SELECT 1 FROM conversations WHERE id = :id FOR UPDATE NOWAIT"), {"id": conversation_id})
        except OperationalError:
            return True
    return False


async def waited_for(engine: Engine) -> None:
    """Until somebody waits for a lock."""
    async with asyncio.timeout(10):
        while True:
            with engine.connect() as other:
                if other.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def test_arrivals_and_ends_of_turns_hold_conversations_in_the_same_order(postgres_url: str) -> None:
    def meet(unit: Unit) -> list[int]:
        for chat in CHATS:
            accounts.meet(unit, chat, None, stand.clock.now())
        found = conversations.locked_at(unit, CHATS)
        return [found[chat].conversation.id for chat in CHATS]

    async with standing(postgres_url) as stand:
        ids = await stand.database.write(meet)
        engine = create_engine(postgres_url)
        for hold in (partial(conversations.locked_at, addressees=CHATS), partial(conversations.locked, ids=ids)):
            with engine.begin() as other:
                other.execute(text("SELECT 1 FROM conversations WHERE id = :id FOR UPDATE"), {"id": ids[1]})
                writing = asyncio.create_task(stand.database.write(hold))
                await waited_for(engine)
                assert not held(engine, ids[0])
            assert await writing
        engine.dispose()
