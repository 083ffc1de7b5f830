"""A trained ranker as bytes."""

from dataclasses import replace

import pytest

from bot.vocabulary import Locale
from services.knowledge import kept, packaged
from services.knowledge.entry import Entry
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.packaged import Packaged
from services.knowledge.published import Published, Train, trained
from storage.repositories import rankers
from tests.services.knowledge.bureau import FEES, OPENING, Bureau

ASKED = ("股票几点开盘", "怎么开户", "佣金多少钱", "When does the market open?", "今天天气", "把我的钱退回来")


def test_a_ranker_from_its_bytes_ranks_to_the_bit_as_before(knowledge: Knowledge) -> None:
    data = kept.packed(knowledge.learned)
    assert data is not None
    lexicon = Lexicon.read()
    again = Knowledge.build(list(knowledge.entries.values()), lexicon, kept.unpacked(data, lexicon))
    assert [again.rank(text) for text in ASKED] == [knowledge.rank(text) for text in ASKED]
    assert again.spoken == knowledge.spoken
    assert [again.find(text, Locale.ZH_CN) for text in ASKED] == [knowledge.find(text, Locale.ZH_CN) for text in ASKED]


def test_another_wording_is_another_ranker(knowledge: Knowledge) -> None:
    entries = list(knowledge.entries.values())
    first = entries[0]
    more = replace(first.chinese, phrasings=(*first.chinese.phrasings, "此前没有的问法"))
    assert kept.digest_of(entries) == kept.digest_of(list(entries))
    assert kept.digest_of([replace(first, chinese=more), *entries[1:]]) != kept.digest_of(entries)
    assert kept.digest_of(entries[1:]) != kept.digest_of(entries)
    assert kept.digest_of([replace(first, not_about=("邻居的问法",)), *entries[1:]]) != kept.digest_of(entries)


def never() -> Train:
    def train(entries: tuple[Entry, ...], thresholds: object) -> Knowledge:
        raise AssertionError("nothing should have been trained")

    return train


async def test_what_one_process_trained_the_next_need_not(bureau: Bureau) -> None:
    now = bureau.clock.now()
    await bureau.do(lambda unit: packaged.load(unit, Packaged({"open": OPENING}, ()), now))
    held = await Published.load(bureau.database, trained)
    with pytest.raises(AssertionError):
        await Published.load(bureau.database, never())
    await held.keep(bureau.database)
    again = await Published.load(bureau.database, never())
    assert again.current.find("如何开户", Locale.ZH_CN) == held.current.find("如何开户", Locale.ZH_CN)


async def test_what_was_trained_for_a_publication_nobody_trains_again(bureau: Bureau) -> None:
    await bureau.published(await bureau.reviewed("open", OPENING))
    held = await Published.load(bureau.database, never())
    await bureau.published(await bureau.reviewed("fees", FEES))
    assert await held.refresh(bureau.database)
    assert held.current.find("佣金多少", Locale.ZH_CN).entries[0].entry_id == "fees"


async def test_only_the_last_ranker_is_kept(bureau: Bureau) -> None:
    await bureau.do(lambda unit: rankers.keep(unit, b"1" * 32, b"data"))
    await bureau.do(lambda unit: rankers.keep(unit, b"2" * 32, b"data"))
    assert await bureau.do(lambda unit: rankers.known(unit, b"1" * 32)) is None
    assert await bureau.do(lambda unit: rankers.known(unit, b"2" * 32)) == b"data"
