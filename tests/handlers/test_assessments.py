"""The risk questionnaire in a chat."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from bot.messages import Incoming
from bot.vocabulary import AssessmentState, ChannelKind, ClientState, Locale, MessageKind, RiskLevel
from services.suitability import questionnaires
from storage.models import AssessmentRow, ClientRow, TicketRow
from tests.handlers.rig import Branch, Chat, Said
from tests.services.suitability.answering import PLAIN

LEADING = ("建议", "推荐选", "更好", "最好", "better", "recommend")


async def bound(branch: Branch, channel: ChannelKind = ChannelKind.WEBCHAT, **columns: object) -> tuple[Chat, int]:
    """A client's chat, at a branch that has a questionnaire."""
    chat, client_id = await branch.chat(channel), await branch.client()
    await branch.own(chat, client_id)
    if columns:
        change = update(ClientRow).where(ClientRow.id == client_id).values(columns)
        await branch.write(lambda unit: unit.session.execute(change) and None)
    now = branch.clock.now()
    await branch.write(lambda unit: questionnaires.take(unit, questionnaires.packaged(), "t", now))
    return chat, client_id


async def pick(chat: Chat, ending: str) -> Said:
    """Press the button whose value ends so."""
    return await chat.pick(next(option.value for option in chat.options if option.value.endswith(ending)))


async def answer(chat: Chat, branch: Branch, count: int = 16, **others: str) -> Said:
    """The next answers, ten seconds each."""
    said = Said((), [])
    for _ in range(count):
        branch.clock.move(timedelta(seconds=10))
        question = chat.options[0].value.split(":")[2]
        said = await pick(chat, f":{question}:{(PLAIN | others)[question]}")
    return said


async def record(branch: Branch, client_id: int) -> tuple[RiskLevel | None, date | None]:
    wanted = select(ClientRow.risk_level, ClientRow.risk_valid_until).where(ClientRow.id == client_id)
    row = await branch.read(lambda unit: unit.session.execute(wanted).one())
    return row.risk_level, row.risk_valid_until


async def states(branch: Branch) -> list[AssessmentState]:
    wanted = select(AssessmentRow.state).order_by(AssessmentRow.id)
    return list(await branch.read(lambda unit: unit.session.scalars(wanted).all()))


async def test_a_client_is_asked_to_the_end_and_confirms_what_it_means(branch: Branch) -> None:
    chat, client_id = await bound(branch)
    begun = await chat.say("测评")
    assert begun.keys == ["risk_start", "risk_progress"]
    assert "第1题，共16题：您是否具有完全民事行为能力？" in str(begun)
    said = await answer(chat, branch)
    assert said.keys == ["risk_result"]
    assert "C4积极型" in str(said)
    assert "R1 / R2 / R3 / R4" in str(said)
    assert await record(branch, client_id) == (None, None)
    assert (await pick(chat, ":confirm")).keys == ["risk_confirmed"]
    assert await record(branch, client_id) == (RiskLevel.C4, date(2028, 11, 22))
    assert "C4积极型" in str(await chat.say("我的风险等级是什么"))


async def test_the_whole_is_there_in_english(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("English")
    assert "Question 1 of 16: Do you have full legal capacity?" in str(await chat.say("risk"))
    assert [option.label for option in chat.options] == ["Yes", "No, or not sure", "Cancel"]
    assert "Your result is C4, growth" in str(await answer(chat, branch))


@pytest.mark.parametrize("locale", Locale)
def test_no_question_leads(locale: Locale) -> None:
    """No answer is praised, marked or explained; the points are nowhere to be seen."""
    for question in questionnaires.packaged().questions:
        shown = [question.text[locale], *(option.text[locale] for option in question.options)]
        assert not [text for text in shown for word in LEADING if word in text]


async def test_it_can_be_put_off_and_gone_on_with(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    await answer(chat, branch, 3)
    assert (await chat.say("稍后")).keys == ["risk_paused"]
    assert "已答3题" in str(await chat.say("测评"))
    assert "第4题" in str(await pick(chat, ":resume"))
    await chat.say("稍后")
    assert "第4题" in str(await chat.say("继续"))
    await chat.say("稍后")
    assert "第1题" in str(await chat.say("重新开始"))
    assert await states(branch) == [AssessmentState.CANCELLED, AssessmentState.RUNNING]


async def test_it_is_gone_on_with_in_another_chat_of_the_client(branch: Branch) -> None:
    chat, client_id = await bound(branch)
    await chat.say("测评")
    await answer(chat, branch, 5)
    other = await branch.chat(ChannelKind.WECHAT)
    await branch.own(other, client_id)
    assert "已答5题" in str(await other.say("测评"))
    assert "第6题" in str(await pick(other, ":resume"))


async def test_a_cancelled_one_changes_nothing(branch: Branch) -> None:
    chat, client_id = await bound(branch, risk_level=RiskLevel.C3, risk_valid_until=date(2027, 1, 1))
    await chat.say("测评")
    assert (await chat.say("取消")).keys == ["risk_cancelled"]
    assert await states(branch) == [AssessmentState.CANCELLED]
    assert await record(branch, client_id) == (RiskLevel.C3, date(2027, 1, 1))


async def test_a_question_in_between_is_answered_and_the_dialogue_goes_on(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    await answer(chat, branch, 2)
    said = await chat.say("银证转账几点到几点可以转？")
    assert said.keys[0].startswith("answer")
    assert said.keys[-1] == "risk_progress"
    assert "第3题" in said.texts[-1]
    assert "第4题" in str(await answer(chat, branch, 1))


@pytest.mark.parametrize("text", ["随便选一个吧", "谢谢", "有十年了"])
async def test_words_that_are_no_answer_ask_again_without_a_hint(branch: Branch, text: str) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    said = await chat.say(text)
    assert said.keys == ["risk_invalid_answer", "risk_progress"]
    assert "第1题" in said.texts[-1]


async def test_a_grievance_and_a_person_come_first(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    assert (await chat.say("你们经理骗我买了高风险产品，亏了三万")).keys[-1] == "complaint_ask_when"
    assert (await chat.say("取消")).keys == ["complaint_cancelled"]
    assert "第1题" in str(await chat.say("测评"))
    assert (await chat.say("转人工")).keys[0].startswith("handover")


async def test_a_complaint_being_told_rests_meanwhile(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("我要投诉")
    await chat.say("柜台排队一个半小时")
    assert (await chat.say("测评")).keys == ["complaint_paused", "risk_start", "risk_progress"]
    assert (await chat.say("取消")).keys == ["risk_cancelled"]
    assert (await chat.say("继续")).keys == ["complaint_resumed", "complaint_ask_when"]


async def test_a_stale_button_shows_the_question_anew(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    stale = await chat.send(Incoming(chat.addressee, "m-stale", MessageKind.TEXT, "9"), stale=True)
    assert stale.keys == ["option_stale", "risk_progress"]


async def test_a_button_pressed_twice_answers_once(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    first = chat.options[0].value
    await chat.pick(first)
    again = await chat.send(Incoming(chat.addressee, "m-twice", MessageKind.CHOICE, choice=first))
    assert "第2题" in str(again)


async def test_another_client_s_questionnaire_is_out_of_reach(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    value = chat.options[0].value
    other, _ = await bound(branch)
    said = await other.send(Incoming(other.addressee, "m-other", MessageKind.CHOICE, choice=value))
    assert said.keys == ["option_stale"]


async def test_a_chat_that_was_let_go_cannot_go_on(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    await chat.say("解绑")
    await chat.pick("unbind:yes")
    assert "risk_invalid_answer" not in (await chat.say("有十年了")).keys
    assert (await chat.say("测评")).keys == ["bound_account_needed"]


async def test_who_is_too_fast_is_asked_and_may_insist(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    said = [await pick(chat, f":{name}:{key}") for name, key in PLAIN.items()]
    assert said[-1].keys == ["risk_hasty"]
    assert (await pick(chat, ":careful")).keys == ["risk_result"]


async def test_what_does_not_fit_together_is_asked_again(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    said = await answer(chat, branch, 10, q09="A", q10="D")
    assert said.keys == ["risk_again"]
    assert "第9题" in str(said)


async def test_what_staff_must_settle_opens_an_inquiry_and_rates_nobody(branch: Branch) -> None:
    chat, client_id = await bound(branch, risk_level=RiskLevel.C3, risk_valid_until=date(2027, 1, 1))
    await chat.say("测评")
    said = await answer(chat, branch, 1, q01="B")
    assert said.keys[0] == "risk_referred"
    assert said.keys[1].startswith("handover")
    assert await states(branch) == [AssessmentState.REFERRED]
    assert await record(branch, client_id) == (RiskLevel.C3, date(2026, 11, 22))
    assert len(await branch.read(lambda unit: unit.session.scalars(select(TicketRow)).all())) == 1


async def test_other_answers_do_not_make_up_for_those_that_staff_must_settle(branch: Branch) -> None:
    chat, _ = await bound(branch)
    await chat.say("测评")
    await answer(chat, branch, 1, q01="B")
    again = await chat.say("测评")
    assert (again.keys, again.options) == (["risk_waits"], ["person"])
    assert await states(branch) == [AssessmentState.REFERRED]
    rejected = update(AssessmentRow).values(state=AssessmentState.DECLINED)
    await branch.write(lambda unit: unit.session.execute(rejected) and None)
    assert (await chat.say("测评")).keys == ["risk_start", "risk_progress"]


async def test_a_result_that_does_not_fit_is_declined(branch: Branch) -> None:
    chat, client_id = await bound(branch)
    await chat.say("测评")
    await answer(chat, branch)
    assert (await chat.say("测评")).keys == ["risk_result"]
    assert (await pick(chat, ":decline")).keys == ["risk_declined"]
    assert await record(branch, client_id) == (None, None)


async def test_the_lowest_class_and_age_are_told_with_what_they_mean(branch: Branch) -> None:
    chat, client_id = await bound(branch, birth_year=1955, birth_month=1, birth_day=1)
    await chat.say("测评")
    said = await answer(chat, branch, q02="B", q14="A")
    assert said.keys == ["risk_elder", "risk_result_min"]
    assert "C1最低类别" in str(said)
    await chat.say("确认")
    assert (await record(branch, client_id))[0] is RiskLevel.C1_MIN


async def test_the_limit_of_a_day_leads_to_a_person(branch: Branch) -> None:
    chat, _ = await bound(branch)
    for _ in range(3):
        await chat.say("测评")
        await answer(chat, branch)
        await pick(chat, ":decline")
    said = await chat.say("测评")
    assert (said.keys, said.options) == (["risk_limit"], ["person"])


@pytest.mark.parametrize(
    ("channel", "columns", "key"),
    [
        (ChannelKind.TELEGRAM, {}, "risk_elsewhere"),
        (ChannelKind.WEBCHAT, {"state": ClientState.FROZEN}, "risk_unavailable"),
        (ChannelKind.WEBCHAT, {"birth_year": 2012, "birth_month": 1, "birth_day": 1}, "risk_referred"),
    ],
)
async def test_where_it_cannot_be_answered(
    branch: Branch, channel: ChannelKind, columns: dict[str, object], key: str
) -> None:
    chat, _ = await bound(branch, channel, **columns)
    assert (await chat.say("测评")).keys[0] == key


async def test_without_a_questionnaire_the_way_elsewhere_is_told(branch: Branch) -> None:
    chat = await branch.chat()
    await branch.own(chat, await branch.client())
    assert (await chat.say("测评")).keys == ["risk_unavailable"]


@pytest.mark.parametrize("number", ["²", "9" * 30, "", "-1"])
async def test_a_number_that_is_none_is_a_stale_option(branch: Branch, number: str) -> None:
    chat, _ = await bound(branch)
    forged = Incoming(chat.addressee, "m-forged", MessageKind.CHOICE, choice=f"assess:{number}:confirm")
    assert (await chat.send(forged)).keys == ["option_stale"]


async def test_a_result_of_last_month_is_confirmed_no_more(branch: Branch) -> None:
    chat, client_id = await bound(branch)
    await chat.say("测评")
    await answer(chat, branch)
    confirm = next(option.value for option in chat.options if option.value.endswith(":confirm"))
    branch.clock.move(timedelta(days=30))
    assert (await chat.pick(confirm)).keys == ["option_stale"]
    assert await record(branch, client_id) == (None, None)
