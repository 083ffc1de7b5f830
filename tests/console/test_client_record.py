"""A client's record in the console: two people at once, standing, charge, links, notes, and what happened."""

import html
import re
from datetime import datetime, timedelta

import httpx
from sqlalchemy import insert, select

from bot.clock import MovableClock
from bot.vocabulary import ChannelKind, ClientState, ConsentPurpose, Duty, Locale
from services import preferences
from services.lessons import library, progress
from services.lessons.progress import Completion
from storage.models import (
    AssessmentRow,
    ChatAccountRow,
    ClientLinkRow,
    ClientRow,
    DeliveryRow,
    InboxRow,
    QuestionnaireRow,
)
from storage.repositories import client_assignments, consents
from storage.repositories.consents import Statement
from storage.unit import Unit
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import COMPLIANCE, EMAIL, FUND_ACCOUNT, HEAD, RM, SERVICE, VISITOR, Stand
from tests.console.test_clients import address

SECOND = timedelta(seconds=1)


def base_of(page: httpx.Response) -> str:
    """The record as the page's form carries it."""
    found = re.search(r'name="base" value="([^"]+)"', page.text)
    assert found is not None
    return html.unescape(found[1])


def fields_of(page: httpx.Response) -> dict[str, str]:
    """The form as the page shows it."""
    values = {
        name: html.unescape(value)
        for name, value in re.findall(r'id="f-\w+" name="(\w+)"[^>]* value="([^"]*)"', page.text)
    }
    return values | {"base": base_of(page)}


async def filled(person: Person, path: str) -> dict[str, str]:
    """The form of a record."""
    return fields_of(await person.get(path))


async def client(branch: Stand) -> ClientRow:
    wanted = select(ClientRow).where(ClientRow.number == "C1")
    return await branch.database.read(lambda unit: unit.session.scalars(wanted).one())


async def test_the_second_of_two_is_told_and_loses_nothing(branch: Stand, sign_in: SignIn) -> None:
    first, second, path = await sign_in(SERVICE), await sign_in(RM), f"{await address(branch)}/record"
    mine, other = await filled(first, path), await filled(second, path)
    faster = {"region": "上海", "email": "new@example.com", "salutation": "王老师", "tags": "两融"}
    assert (await first.post(path, **mine | faster)).status_code == 303
    typed = {"region": "杭州", "occupation": "教师", "email": "mine@example.com"}
    told = await second.post(path, **other | typed)
    page = words(told)
    assert (told.status_code, "改为 上海" in page, "改为 n***@example.com" in page) == (409, True, True)
    assert [f'value="{text}"' in told.text for text in typed.values()] == [True] * 3
    assert "new@example.com" not in told.text
    assert ((await client(branch)).region, (await client(branch)).occupation) == ("上海", None)
    again = fields_of(told) | {"pick:region": "mine", "pick:email": "theirs"}
    assert (again["salutation"], again["tags"]) == ("王老师", "两融")
    assert (await second.post(path, key="k2", **again)).status_code == 303
    row = await client(branch)
    assert (row.region, row.occupation) == ("杭州", "教师")
    assert "王老师" in (await second.get(path)).text
    assert row.email_key == branch.database.vault.lookup("clients.email", "new@example.com")


async def test_what_nobody_else_touched_just_saves(branch: Stand, sign_in: SignIn) -> None:
    await branch.chat("你好", "C1", ChannelKind.WECHAT)
    first, second, path = await sign_in(SERVICE), await sign_in(HEAD), f"{await address(branch)}/record"
    mine, other = await filled(first, path), await filled(second, path)
    assert (await first.post(path, **mine | {"tags": "两融，基金定投"})).status_code == 303
    wechat = other | {"preferred_channel": "wechat", "locale": "en", "email_none": "yes"}
    assert (await second.post(path, **wechat)).status_code == 303
    row = await client(branch)
    assert (row.preferred_channel, row.locale, row.email_sealed) == ("wechat", "en", None)
    refused = await second.post(path, key="k3", **await filled(second, path), preferred_channel="telegram")
    assert (refused.status_code, "没有可用的聊天" in words(refused)) == (422, True)
    bad = await second.post(path, key="k4", **other | {"region": "杭州", "tags": "", "email": "不是邮箱"})
    assert (bad.status_code, "电子邮箱的写法不对" in words(bad), 'value="不是邮箱"' in bad.text) == (422, True, True)
    assert base_of(bad) == other["base"]
    told = await second.post(path, key="k5", **fields_of(bad) | {"email": "good@example.com"})
    assert (told.status_code, "改为 两融 · 基金定投" in words(told)) == (409, True)


async def test_a_standing_shows_what_it_stops(branch: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(COMPLIANCE), f"{await address(branch)}/record"
    page = words(await person.get(path))
    assert "不能生成绑定码、不能测评" in page
    assert re.search("冻结 不再发送[^。]*生日", page)
    form = {"before": "normal", "state": "frozen", "text": "法院通知"}
    assert (await person.post(f"{path}/state", **form | {"text": " "})).status_code == 422
    assert (await person.post(f"{path}/state", key="k2", **form)).status_code == 303
    late = await (await sign_in(HEAD)).post(f"{path}/state", **form | {"state": "closed", "text": "客户来销户"})
    assert (late.status_code, "客户来销户" in late.text) == (409, True)
    assert (await client(branch)).state is ClientState.FROZEN
    assert (await person.post(f"{path}/state", key="k3", before="normal", state="x", text="y")).status_code == 422


async def test_charge_links_and_notes(branch: Stand, sign_in: SignIn) -> None:
    head, manager, base = await sign_in(HEAD), await sign_in(RM), await address(branch)
    path = f"{base}/record"
    assert (await manager.post(f"{path}/link", kind="household", number="C2")).status_code == 422
    assert (await head.post(f"{path}/link", kind="household", number="c2")).status_code == 303
    seen = words(await manager.get(path))
    assert ("欧阳** 不在你名下" in seen, "C2" in seen) == (True, False)
    assert "欧阳** C2" in words(await head.get(path))
    link = await branch.database.read(lambda unit: unit.session.scalars(select(ClientLinkRow.id)).one())
    assert (await head.post(f"{path}/link/{link}/remove", key="k3")).status_code == 303
    assert (await manager.post(f"{base}/note", key="k4", text="客户喜欢早上接电话 13800000000")).status_code == 303
    assert "客户喜欢早上接电话" in words(await manager.get(base))
    long = await manager.post(f"{base}/note", key="k5", text="长" * 2001)
    notes = long.text[long.text.index('id="client-notes"') :].split("</section>")[0]
    assert (long.status_code, "长" * 2001 in notes, "2000" in notes) == (422, True, True)
    done = {"duty": "manager", "before": RM, "staff": SERVICE}
    assert (await manager.post(f"{path}/charge", key="k6", **done)).status_code == 403
    assert (await head.post(f"{path}/charge", key="k7", **done)).status_code == 303
    assert (await manager.get(path)).status_code == 404
    assert len(re.findall("客户经理", words(await head.get(path)))) >= 3


async def history(branch: Stand, sign_in: SignIn) -> None:
    """Lines of several kinds, a second apart."""
    clock, base = branch.clock, await address(branch)
    assert isinstance(clock, MovableClock)
    number = await branch.chat("我想问基金", "C1")
    said = {"channel": "recording", "account": "main", "conversation_id": number, "kind": "text", "state": "handled"}
    lines = [
        said | {"platform_id": str(turn), "text": f"第{turn}句 13800000000", "received_at": clock.now() + turn * SECOND}
        for turn in range(45)
    ]
    await branch.database.write(lambda unit: unit.session.execute(insert(InboxRow), lines) and None)
    clock.move(45 * SECOND)
    service = await sign_in(SERVICE)
    for text in ("备注一", "备注二"):
        clock.move(SECOND)
        await service.post(f"{base}/note", key=text.encode().hex(), text=text)
    clock.move(SECOND)
    await service.post(f"{base}/reveal", key="r", field="phone", purpose="contact")
    await service.post(f"{base}/record/state", key="s", before="normal", state="dormant", text="久未登录")


async def test_the_timeline_is_one_order_and_pages(branch: Stand, sign_in: SignIn) -> None:
    await history(branch, sign_in)
    head, base = await sign_in(HEAD), f"{await address(branch)}/timeline"
    first = await head.get(base)
    lines = re.findall(r'class="q-when"', first.text)
    page = words(first)
    assert len(lines) == 40
    assert page.index("久未登录") < page.index("备注二") < page.index("备注一") < page.index("第44句")
    assert ("138****0000" in page, "13800000000" in first.text) == (True, False)
    older = re.search(r'href="([^"]+after=[^"]+)"', first.text)
    assert older is not None
    rest = await head.get(html.unescape(older[1]))
    seen = re.findall(r"第\d+句", page) + re.findall(r"第\d+句", words(rest))
    assert sorted(seen) == sorted(f"第{turn}句" for turn in range(45))
    notes = words(await head.get(f"{base}?kind=note"))
    assert ("备注一" in notes, "第44句" in notes) == (True, False)


async def test_a_timeline_shows_what_the_reader_may_see(branch: Stand, sign_in: SignIn) -> None:
    await history(branch, sign_in)
    base = await address(branch)
    head, service, visitor = await sign_in(HEAD), await sign_in(SERVICE), await sign_in(VISITOR)
    record = f"{base}/timeline?kind=record"
    assert ("查看客户明文" in words(await head.get(record)), "查看客户明文" in words(await service.get(record))) == (
        True,
        False,
    )
    assert (await visitor.get(f"{base}/timeline")).status_code == 403
    head.http.cookies.set("quanfu_locale", "en")
    for path in (base, f"{base}/record", f"{base}/timeline"):
        page = await head.get(path)
        assert page.status_code == 200
        assert not [clear for clear in (EMAIL, FUND_ACCOUNT) if clear in page.text]


def lived(unit: Unit, client_id: int, now: datetime) -> None:
    """A consent, an assessment, a greeting that was held back, a choice in a chat, a lesson, and another manager."""
    consents.add(
        unit, Statement(client_id, ConsentPurpose.CARE, granted=False, version="2026-11", channel="webchat", at=now)
    )
    unit.session.add(QuestionnaireRow(version="v1", content={}, imported_by="t", imported_at=now, used_from=now))
    unit.flush()
    times = {"started_at": now, "touched_at": now}
    unit.session.add(AssessmentRow(client_id=client_id, version="v1", channel="counter", answers_sealed=b"", **times))
    held = {"state": "suppressed", "rule": "consent", "text_key": "x", "created_at": now, "not_before": now}
    unit.session.add(DeliveryRow(key="care", purpose="care", priority=6, client_id=client_id, channel="wechat", **held))
    preferences.write_in(unit, client_id, Locale.EN, now)
    progress.complete(unit, Completion(client_id, "fund-what", "1", 2, 3, now))
    client_assignments.put(unit, client_id, Duty.MANAGER, None, client_assignments.Hand(now))


async def test_every_kind_has_its_line(branch: Stand, sign_in: SignIn) -> None:
    await branch.complaint("不满意")
    client_id, now = branch.clients["C1"], branch.clock.now() + SECOND
    await branch.database.write(lambda unit: lived(unit, client_id, now))
    head, base = await sign_in(HEAD), f"{await address(branch)}/timeline"
    told = words(await head.get(base))
    lines = [
        "未同意 网页客服 · 2026-11 版",
        "风险测评 作答中",
        "生日节日问候",
        "未同意该用途",
        "客户设置语言",
        "投教 答对 2 题，共 3 题",
        library.title("fund-what"),
        "不再负责",
        "投诉",
    ]
    assert [line for line in lines if line not in told] == []
    for kind, line in (
        ("consent", "Not agreed"),
        ("delivery", "Birthday"),
        ("ticket", "Complaint"),
        ("record", "Import"),
        ("lesson", "2 of 3 right"),
    ):
        head.http.cookies.set("quanfu_locale", "en")
        page = words(await head.get(f"{base}?kind={kind}"))
        assert line in page, kind


async def test_what_another_said_in_the_same_chat_before_is_not_shown(branch: Stand, sign_in: SignIn) -> None:
    number = await branch.chat("以前的人说的话", "C2")
    now = branch.clock.now()

    def rebind(unit: Unit) -> None:
        columns = {"priority": 0, "state": "sent", "text_key": "x", "created_at": now, "not_before": now}
        said = DeliveryRow(key="k", purpose="reply", conversation_id=number, client_id=branch.clients["C2"], **columns)
        chat = unit.session.scalars(select(ChatAccountRow)).one()
        chat.client_id, chat.bound_at = branch.clients["C1"], now + timedelta(seconds=1)
        unit.session.add(said)
        unit.flush()

    await branch.database.write(rebind)
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(seconds=2))
    await branch.hear(number, "现在的人说的话")
    page = words(await (await sign_in(HEAD)).get(f"{await address(branch)}/timeline"))
    assert ("现在的人说的话" in page, "以前的人说的话" in page) == (True, False)


async def test_an_empty_timeline_says_so(branch: Stand, sign_in: SignIn) -> None:
    person, base = await sign_in(SERVICE), await address(branch, "C2")
    assert "还没有往来" in words(await person.get(f"{base}/timeline?kind=pigeon&after=x"))


async def test_a_page_tells_what_the_client_may_receive(branch: Stand, sign_in: SignIn) -> None:
    head, visitor, base = await sign_in(HEAD), await sign_in(VISITOR), await address(branch)
    assert re.search("生日节日问候 不发送 没有可用渠道 客户未同意该用途", words(await head.get(base)))
    number = await branch.chat("你好", "C1", ChannelKind.WEBCHAT)
    await branch.complaint("不满意")
    await branch.database.write(lambda unit: lived(unit, branch.clients["C1"], branch.clock.now()))
    page = await head.get(base)
    told = words(page)
    assert f'data-live="conversation:{number} conversation:{number + 1}"' in page.text
    assert ("投诉办结后自动恢复" in told, "客户没有风险测评" in told) == (True, True)
    assert re.search("工作人员消息 可发送", told)
    assert 'id="outlook"' not in (await visitor.get(base)).text
    head.http.cookies.set("quanfu_locale", "en")
    assert "Goes out" in words(await head.get(base))
