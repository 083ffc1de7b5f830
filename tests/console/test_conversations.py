"""Conversations: taking, answering, handing back, and nothing typed lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from bot.clock import MovableClock
from bot.live import STAFF_TYPING
from bot.vocabulary import AnswerKind, ChannelKind, DeliveryState, Owner, Purpose
from services import topics
from storage.models import ConversationRow, DeliveryRow, TicketRow
from storage.repositories import conversation_lists, conversations, drafts, editions
from storage.unit import Unit
from tests.console.conftest import SignIn, words
from tests.console.stand import COMPLIANCE, HEAD, SERVICE, Stand
from tests.services.knowledge.bureau import HOURS


@pytest.fixture
def desk_url(database_url: str) -> str:
    """Each kind of database."""
    return database_url


async def said(branch: Stand, number: int) -> list[str]:
    """What staff have said in a conversation, without the opening and closing words."""
    wanted = select(DeliveryRow.text).where(
        DeliveryRow.conversation_id == number,
        DeliveryRow.purpose == Purpose.STAFF_MESSAGE,
        DeliveryRow.text_key == "staff_message",
    )
    return await branch.database.read(lambda unit: [text or "" for text in unit.session.scalars(wanted)])


async def owner(branch: Stand, number: int) -> tuple[Owner, int | None]:
    found = await branch.database.read(lambda unit: unit.session.get_one(ConversationRow, number))
    return found.owner, found.staff_id


async def kept(branch: Stand, number: str, place: str) -> str:
    staff_id = branch.staff[number]
    return await branch.database.read(lambda unit: drafts.kept(unit, staff_id, place))


async def test_the_longest_waiting_stands_first(branch: Stand, sign_in: SignIn) -> None:
    await branch.wait("先来的", "C2")
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(minutes=4))
    await branch.wait("后来的", "C1")
    page = words(await (await sign_in(SERVICE)).get("/console/conversations"))
    assert page.index("欧阳**") < page.index("王**")
    assert "04:00" in page


async def test_what_waits_without_words_is_not_the_last_thing_said(branch: Stand, sign_in: SignIn) -> None:
    number, now = await branch.wait("转账转不出来"), branch.clock.now()

    def greet(unit: Unit) -> None:
        row = {"key": "greeting", "purpose": Purpose.CARE, "priority": 0, "state": DeliveryState.PENDING}
        told = {"text_key": "care_birthday_solar"}
        made = {"created_at": now, "not_before": now, "conversation_id": number}
        unit.session.execute(insert(DeliveryRow).values(**row, **told, **made))

    person = await sign_in(SERVICE)
    before = words(await person.get("/console/conversations"))
    await branch.database.write(greet)
    assert words(await person.get("/console/conversations")) == before


async def test_who_waits_is_shown_with_their_own_words_and_not_with_ours(branch: Stand, sign_in: SignIn) -> None:
    number, now = await branch.wait("转账转不出来"), branch.clock.now()

    def answer(unit: Unit) -> None:
        row = {"key": "told", "purpose": Purpose.SERVICE_NOTICE, "priority": 0, "state": DeliveryState.SENT}
        made = {"created_at": now, "not_before": now, "conversation_id": number}
        unit.session.execute(insert(DeliveryRow).values(**row, **made, text_key="answer", text="已为您转接"))

    await branch.database.write(answer)
    person = await sign_in(SERVICE)
    waiting = words(await person.get("/console/conversations?view=all"))
    assert ("转人工" in waiting, "已为您转接" in waiting) == (True, False)
    await person.post(f"/console/conversations/{number}/take")
    await branch.database.write(lambda unit: unit.session.execute(update(DeliveryRow).values(text="已为您转接")))
    assert "我方： 已为您转接" in words(await person.get("/console/conversations?view=all"))


async def test_the_first_click_wins_and_the_loser_is_told(branch: Stand, sign_in: SignIn) -> None:
    number = await branch.wait("转账转不出来")
    first, second = await sign_in(SERVICE), await sign_in(HEAD)
    assert (await first.post(f"/console/conversations/{number}/take")).status_code == 303
    late = await second.post(f"/console/conversations/{number}/take")
    assert late.status_code == 409
    assert "何思齐 已先接入这个会话" in words(late)
    assert await owner(branch, number) == (Owner.STAFF, branch.staff[SERVICE])


async def test_a_reply_is_one_delivery_however_often_it_is_sent(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.wait("转账转不出来"), await sign_in(SERVICE)
    await person.post(f"/console/conversations/{number}/take")
    path, fields = f"/console/conversations/{number}/reply", {"key": "once", "text": "正在为您核实"}
    answers = [await person.post(path, **fields) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert await said(branch, number) == ["正在为您核实"]
    page = words(await person.get(answers[0].headers["location"]))
    assert "正在为您核实" in page
    assert "待发送" in page


async def test_an_answer_given_after_its_day_of_review_is_marked(branch: Stand, sign_in: SignIn) -> None:
    today = branch.clock.now().date()
    entries = {"late": replace(HOURS, review_on=today), "fresh": replace(HOURS, review_on=today + timedelta(days=1))}
    number = await branch.chat("股票几点开盘")

    def answer(unit: Unit) -> None:
        editions.bring(unit, entries, branch.clock.now())
        for entry_id in entries:
            now, sent = branch.clock.now(), DeliveryState.SENT
            row = {
                "key": entry_id,
                "purpose": Purpose.REPLY,
                "priority": 0,
                "state": sent,
                "text": f"九点半（{entry_id}）",
            }
            told = {"text_key": "answer", "answer_kind": AnswerKind.ANSWERED, "entry_id": entry_id}
            made = {"created_at": now, "not_before": now, "conversation_id": number}
            unit.session.execute(insert(DeliveryRow).values(**row, **told, **made))

    await branch.database.write(answer)
    page = words(await (await sign_in(SERVICE)).get(f"/console/conversations/{number}"))
    late, fresh = page.split("九点半（late）")
    assert "答案待复查" in late
    assert "九点半（fresh）" in fresh
    assert "答案待复查" not in fresh


async def test_a_reply_without_taking_is_refused_and_kept(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.chat("股票几点开盘"), await sign_in(SERVICE)
    refused = await person.post(f"/console/conversations/{number}/reply", text="九点半")
    assert refused.status_code == 409
    assert "请先接入会话再回复" in words(refused)
    assert await kept(branch, SERVICE, f"conversation:{number}:reply") == "九点半"
    assert await said(branch, number) == []


async def test_forbidden_words_are_refused_and_the_text_stays(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.wait("想买基金"), await sign_in(SERVICE)
    await person.post(f"/console/conversations/{number}/take")
    refused = await person.post(f"/console/conversations/{number}/reply", key="k2", text="这只基金保本保收益")
    assert refused.status_code == 422
    assert "含有违禁词" in words(refused)
    assert "这只基金保本保收益" in refused.text
    assert await said(branch, number) == []


async def test_a_closed_window_keeps_the_text_and_names_the_telephone(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.wait("急", "C1", ChannelKind.WECHAT), await sign_in(SERVICE)
    await person.post(f"/console/conversations/{number}/take")
    await person.post("/console/drafts", place=f"conversation:{number}:reply", text="稍后给您回电")
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(hours=49))
    person = await sign_in(SERVICE)
    page = await person.get(f"/console/conversations/{number}")
    assert "已超出可回复时间" in words(page)
    assert "客户电话 100****0101" in words(page)
    assert "稍后给您回电" in page.text
    assert "<fieldset disabled" in page.text


async def test_handing_back_keeps_the_ticket_and_ending_closes_it(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.wait("转账"), await sign_in(SERVICE)
    path = f"/console/conversations/{number}"
    await person.post(f"{path}/take")
    assert "请用一句话写明" in words(await person.post(f"{path}/back", key="b1", text=" "))
    assert (await person.post(f"{path}/back", key="b2", text="已说明到账时间")).status_code == 303
    assert await owner(branch, number) == (Owner.BOT, None)
    open_ones = select(func.count()).select_from(TicketRow).where(TicketRow.closed_at.is_(None))
    assert await branch.database.read(lambda unit: unit.session.scalars(open_ones).one()) == 1
    await person.post(f"{path}/take", key="t2")
    assert (await person.post(f"{path}/end", key="e1", text="客户已转出")).status_code == 303
    assert await branch.database.read(lambda unit: unit.session.scalars(open_ones).one()) == 0


async def test_the_bot_is_told_what_the_line_is_about(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.wait("密码忘了"), await sign_in(SERVICE)
    path, line = f"/console/conversations/{number}", "客户忘记交易密码，已指导重置"
    for turn, (text, entries) in enumerate([(line, ("pwd-reset",)), ("客户已转出", None)]):
        await person.post(f"{path}/take", key=f"t{turn}")
        assert (await person.post(f"{path}/back", key=f"b{turn}", text=text)).status_code == 303
        found = await branch.database.read(lambda unit: conversations.by_id(unit, number))
        topic = topics.current(found, branch.clock.now()) if found else None
        assert (topic.entries if topic else None) == entries
    assert line in words(await person.get(path))


async def test_only_the_one_who_answers_is_seen_typing(branch: Stand, sign_in: SignIn) -> None:
    number, mine, other = await branch.wait("转账"), await sign_in(SERVICE), await sign_in(HEAD)
    reader, heard = await sign_in(COMPLIANCE), branch.console.live.subscribe(STAFF_TYPING)
    path = f"/console/conversations/{number}"
    assert (await mine.post(f"{path}/typing")).status_code == 204
    await mine.post(f"{path}/take")
    assert (await other.post(f"{path}/typing")).status_code == 204
    assert (await reader.post(f"{path}/typing")).status_code == 403
    assert await heard.next(0) is None
    await mine.post(f"{path}/typing")
    assert await heard.next(0) == f"{STAFF_TYPING}:{number}"


async def test_compliance_reads_and_does_not_reply(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.wait("转账"), await sign_in(COMPLIANCE)
    page = await person.get(f"/console/conversations/{number}")
    assert "你只能查看，不能回复" in words(page)
    assert (await person.post(f"/console/conversations/{number}/take")).status_code == 403


async def test_drafts_are_each_person_s_own(branch: Stand, sign_in: SignIn) -> None:
    number = await branch.wait("转账")
    mine, theirs = await sign_in(SERVICE), await sign_in(HEAD)
    place = f"conversation:{number}:reply"
    assert (await mine.post("/console/drafts", place=place, text="写了一半")).status_code == 204
    assert "写了一半" in (await mine.get(f"/console/conversations/{number}")).text
    assert "写了一半" not in (await theirs.get(f"/console/conversations/{number}")).text


async def test_earlier_lines_come_page_by_page_without_a_gap(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.chat("第0句"), await sign_in(SERVICE)
    assert isinstance(branch.clock, MovableClock)
    for index in range(1, 45):
        branch.clock.move(timedelta(seconds=index % 2))
        await branch.hear(number, f"第{index}句。")
    page = await person.get(f"/console/conversations/{number}")
    assert "第5句。" in page.text
    assert "第4句。" not in page.text
    older = page.text.split('<a class="btn q-more" href="')[1].split('"')[0].replace("&amp;", "&")
    before = await person.get(older)
    assert "第4句。" in before.text
    assert "第5句。" not in before.text
    assert "第0句" in before.text


async def test_a_client_s_words_are_text_and_never_marks(branch: Stand, sign_in: SignIn) -> None:
    number, person = await branch.chat("<script>alert(1)</script>"), await sign_in(SERVICE)
    page = (await person.get(f"/console/conversations/{number}")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_conversations_of_one_instant_have_one_order(branch: Stand) -> None:
    numbers = [await branch.chat(text) for text in ("一", "二", "三")]
    found = await branch.database.read(lambda unit: conversation_lists.of(unit, numbers))
    assert [item.id for item in found] == numbers[::-1]
