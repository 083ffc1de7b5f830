"""What clients ask of their own record."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from bot.vocabulary import ChannelKind, ConsentPurpose, RiskLevel, StaffState
from services.knowledge import personal
from services.knowledge.outcome import Matter
from storage.models import ClientRow, StaffRow
from storage.repositories.consents import Statement
from tests.handlers.rig import Branch, Chat
from tests.packaged import knowledge

TODAY = date(2026, 11, 23)


async def mine(branch: Branch, channel: ChannelKind = ChannelKind.WEBCHAT, **columns: object) -> tuple[Chat, int]:
    """A chat that is a client's, whose row holds these values."""
    chat, client_id = await branch.chat(channel), await branch.client()
    await branch.own(chat, client_id)
    if columns:
        change = update(ClientRow).where(ClientRow.id == client_id).values(columns)
        await branch.write(lambda unit: unit.session.execute(change) and None)
    return chat, client_id


async def test_my_adviser_is_named_with_the_branch_s_telephone(branch: Branch) -> None:
    adviser = await branch.staff("陈静")
    chat, _ = await mine(branch, manager_id=adviser.id)
    said = await chat.say("我的客户经理是谁")
    assert said.keys == ["personal_adviser"]
    assert "陈静" in str(said)
    assert said.options == ["person"]
    assert (await chat.say("who is my account manager")).keys == ["personal_adviser"]


async def test_an_adviser_who_left_is_not_named(branch: Branch) -> None:
    adviser = await branch.staff("陈静")
    left = update(StaffRow).where(StaffRow.id == adviser.id).values(state=StaffState.DISABLED)
    await branch.write(lambda unit: unit.session.execute(left) and None)
    chat, _ = await mine(branch, manager_id=adviser.id)
    said = await chat.say("我的客户经理是谁")
    assert said.keys == ["personal_adviser_none"]
    assert "陈静" not in str(said)


@pytest.mark.parametrize(
    ("until", "key"),
    [
        (TODAY + timedelta(days=31), "personal_risk"),
        (TODAY + timedelta(days=30), "personal_risk_expiring"),
        (TODAY, "personal_risk_expiring"),
        (TODAY - timedelta(days=1), "personal_risk_expired"),
        (None, "personal_risk_none"),
    ],
)
async def test_my_risk_level_is_told_with_its_last_day(branch: Branch, until: date | None, key: str) -> None:
    chat, _ = await mine(branch, risk_level=RiskLevel.C3 if until else None, risk_valid_until=until)
    said = await chat.say("我的风险等级是什么")
    assert said.keys == [key]
    assert ("C3" in str(said)) is (until is not None)
    assert ("risk" in said.options) is (key != "personal_risk")


async def test_where_personal_data_may_not_go_the_level_is_not_said(branch: Branch) -> None:
    for days, key in [(400, "personal_risk"), (3, "personal_risk_expiring"), (-3, "personal_risk_expired")]:
        level = {"risk_level": RiskLevel.C3, "risk_valid_until": TODAY + timedelta(days=days)}
        chat, _ = await mine(branch, ChannelKind.TELEGRAM, **level)
        said = await chat.say("我的风险等级是什么")
        assert said.keys == [key]
        assert "C3" not in str(said)


async def test_the_same_words_in_general_are_answered_to_everybody(branch: Branch) -> None:
    chat, _ = await mine(branch, risk_level=RiskLevel.C3, risk_valid_until=TODAY)
    assert (await chat.say("C1到C5是什么意思")).keys == ["answer"]


async def test_a_chat_without_client_gets_what_is_public_and_how_to_link(branch: Branch) -> None:
    chat = await branch.chat()
    said = await chat.say("我的客户经理是谁")
    assert said.keys == ["answer", "bound_account_needed"]
    assert said.options == ["bind", "person"]
    assert (await chat.pick("bind")).keys == ["bind_start"]


async def test_my_complaint_and_my_consents_have_their_own_dialogues(branch: Branch) -> None:
    chat, client_id = await mine(branch)
    assert (await chat.say("我的投诉处理得怎么样了")).keys == ["complaint_none"]
    yes = Statement(client_id, ConsentPurpose.EDUCATION, True, "1", "webchat", branch.clock.now())
    await branch.write(lambda unit: branch.services.consents.state(unit, yes))
    said = await chat.say("我订阅了哪些消息")
    assert said.keys == ["preference_current"]
    assert "投教内容" in str(said).split("；")[0]


@pytest.mark.parametrize("text", ["我设置了哪些提醒", "我报名的讲座是哪天"])
async def test_what_is_not_kept_here_is_said_with_a_way_to_a_person(branch: Branch, text: str) -> None:
    chat, _ = await mine(branch)
    said = await chat.say(text)
    assert (said.keys, said.options) == (["personal_not_kept"], ["person"])


async def test_nobody_is_told_another_s_record(branch: Branch) -> None:
    adviser = await branch.staff("陈静")
    other, _ = await mine(branch, manager_id=adviser.id)
    assert "陈静" in str(await other.say("我的客户经理是谁"))
    chat, _ = await mine(branch)
    for text in ("我的客户经理是谁", "我老婆的客户经理是谁", "客户经理陈静的电话"):
        assert "陈静" not in str(await chat.say(text))


MATTERS = {
    Matter.ADVISER: ["我的客户经理是谁", "谁是我的投顾", "客户经理", "谁负责我", "我的客户经理怎么联系", "my adviser"],
    Matter.RISK: ["我的风险等级是什么", "我是c几", "我的测评什么时候到期", "查一下我的风险等级", "my risk level"],
    Matter.COMPLAINT: ["我的投诉怎么样了", "上次投诉的进度", "我投诉的事情有结果了吗", "查一下我的投诉"],
    Matter.CONSENTS: ["我订阅了哪些消息", "我的订阅", "我的授权情况"],
    Matter.ALERTS: ["我设置了哪些提醒", "我的预警有哪些", "我的提醒"],
    Matter.EVENTS: ["我报名的讲座是哪天", "我的报名", "我报名成功了吗"],
    None: [
        "可以更换客户经理吗", "我的客户经理态度太差", "风险等级有哪些", "我的风险等级不够怎么办", "投诉多久有结果",
        "怎么查投诉进度", "怎么退订", "怎么设置提醒", "怎么报名讲座", "我老婆的客户经理是谁", "my wife's risk level",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("matter", "text"), [(name, text) for name, texts in MATTERS.items() for text in texts])
def test_own_record_and_general_matter_are_told_apart(matter: Matter | None, text: str) -> None:
    assert personal.packaged().matter(knowledge().ranker.reader.clean(text)) == matter
