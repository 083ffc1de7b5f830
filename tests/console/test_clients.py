"""One client's page: codes and chats; who may, and what is kept of it."""

import html
import re

import httpx
import pytest
from sqlalchemy import select, update

from bot.vocabulary import ChannelKind, ConsentPurpose
from services.identity import code_in
from storage.models import BindCodeRow, ChatAccountRow, ClientRow
from tests import audited
from tests.console.conftest import SignIn, words
from tests.console.stand import COMPLIANCE, HEAD, NAME, PHONE, RM, SERVICE, VISITOR, Stand

IDENTITY = "110101199006150011"


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


async def address(branch: Stand, number: str = "C1") -> str:
    wanted = select(ClientRow.public_id).where(ClientRow.number == number)
    return f"/console/clients/{await branch.database.read(lambda unit: unit.session.scalars(wanted).one())}"


def code_of(page: httpx.Response) -> str | None:
    """The code that a page shows."""
    found = re.search(r'translate="no">([^<]+)<', page.text)
    return code_in(html.unescape(found[1])) if found else None


async def deeds(branch: Stand) -> list[tuple[str, int | None, str | None]]:
    found = await audited.deeds(branch.database, thing="client:")
    return [(deed.action, branch.staff.get(deed.number or ""), deed.reason) for deed in found]


async def owner(branch: Stand, number: int) -> int | None:
    wanted = select(ChatAccountRow.client_id).where(ChatAccountRow.id == number)
    return await branch.database.read(lambda unit: unit.session.scalars(wanted).one())


async def test_a_code_is_shown_once_and_kept_as_a_hash(branch: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(SERVICE), await address(branch)
    made = await person.post(f"{path}/code", consent=ConsentPurpose.CARE)
    code = code_of(made)
    assert code is not None
    row = await branch.database.read(lambda unit: unit.session.scalars(select(BindCodeRow)).one())
    assert (row.code_key, row.consents) == (branch.database.vault.lookup("bind_codes.code", code), ["care"])
    repeat = await person.post(f"{path}/code")
    assert (repeat.status_code, repeat.headers["location"]) == (303, path)
    assert code_of(await person.get(path)) is None
    assert await deeds(branch) == [("bind_code.issue", branch.staff[SERVICE], None)]


async def test_a_day_has_so_many_codes(branch: Stand, sign_in: SignIn, caplog: pytest.LogCaptureFixture) -> None:
    person, path = await sign_in(SERVICE), await address(branch)
    made = [await person.post(f"{path}/code", key=f"k{number}") for number in range(6)]
    assert [answer.status_code for answer in made] == [200] * 5 + [422]
    assert "24 小时内已生成 5 个绑定码" in words(made[-1])
    codes = [code for answer in made if (code := code_of(answer))]
    assert len(set(codes)) == 5
    assert not [code for code in codes if code in caplog.text]


async def test_staff_let_a_chat_go_with_a_reason(branch: Stand, sign_in: SignIn) -> None:
    await branch.chat("你好", "C1")
    person, path = await sign_in(SERVICE), await address(branch)
    refused = await person.post(f"{path}/unbind", chat="1", text=" ")
    assert (refused.status_code, "请写明理由" in words(refused)) == (422, True)
    done = await person.post(f"{path}/unbind", key="k2", chat="1", text="客户换了手机")
    assert (done.status_code, await owner(branch, 1)) == (303, None)
    assert await deeds(branch) == [("chat.unbind", branch.staff[SERVICE], "客户换了手机")]
    again = await person.post(f"{path}/unbind", key="k3", chat="1", text="再一次")
    assert (again.status_code, "已不属于这位客户" in words(again)) == (422, True)


async def test_another_client_s_chat_is_out_of_reach(branch: Stand, sign_in: SignIn) -> None:
    await branch.chat("你好", "C2")
    person = await sign_in(SERVICE)
    answer = await person.post(f"{await address(branch, 'C1')}/unbind", chat="1", text="弄错了")
    assert (answer.status_code, await owner(branch, 1)) == (422, branch.clients["C2"])


async def test_the_page_masks_what_is_personal_and_says_what_they_like(branch: Stand, sign_in: SignIn) -> None:
    await branch.chat("你好", "C1", ChannelKind.WECHAT)
    gone = update(ChatAccountRow).values(gone_at=branch.clock.now())
    await branch.database.write(lambda unit: unit.session.execute(gone) and None)
    person, path = await sign_in(HEAD), await address(branch)
    await person.post(f"{path}/code")
    for language, likes in (("zh_CN", "基金 · 债券"), ("en", "Funds · Bonds")):
        person.http.cookies.set("quanfu_locale", language)
        page = (await person.get(path)).text
        assert "王**" in page
        assert all(words in page for words in ("滨江营业部", likes))
        assert not [clear for clear in (NAME, PHONE, IDENTITY, f"{ChannelKind.WECHAT}-C1") if clear in page]


@pytest.mark.parametrize(
    ("number", "own", "others"), [(SERVICE, 200, 200), (HEAD, 200, 200), (RM, 200, 404), (COMPLIANCE, 403, 403)]
)
async def test_who_may_issue_codes(branch: Stand, sign_in: SignIn, number: str, own: int, others: int) -> None:
    person = await sign_in(number)
    paths = [await address(branch, client) for client in ("C1", "C2")]
    answers = [await person.post(f"{path}/code", key=path[-8:]) for path in paths]
    assert [answer.status_code for answer in answers] == [own, others]


@pytest.mark.parametrize("deed", ["code", "unbind", "record"])
async def test_a_form_needs_the_right_and_the_token(branch: Stand, sign_in: SignIn, deed: str) -> None:
    await branch.chat("你好", "C1")
    path = f"{await address(branch)}/{deed}"
    for number in (VISITOR, COMPLIANCE):
        assert (await (await sign_in(number)).post(path, chat="1", text="理由")).status_code == 403
    service = await sign_in(SERVICE)
    assert (await service.http.post(path, data={"key": "k", "chat": "1", "text": "理由"})).status_code == 403
    assert (await deeds(branch), await owner(branch, 1)) == ([], branch.clients["C1"])


async def test_a_client_of_another_manager_does_not_exist(branch: Stand, sign_in: SignIn) -> None:
    manager = await sign_in(RM)
    assert (await manager.get(await address(branch, "C1"))).status_code == 200
    assert (await manager.get(await address(branch, "C2"))).status_code == 404
    assert (await manager.get("/console/clients/c_nobody")).status_code == 404


async def test_the_head_gives_a_client_personal_service(branch: Stand, sign_in: SignIn) -> None:
    head, manager, path = await sign_in(HEAD), await sign_in(RM), await address(branch)
    assert "标准服务" in words(await head.get(path))
    assert (await head.post(f"{path}/service", personal="yes")).status_code == 303
    shown = await manager.get(path)
    assert "由客户经理优先接待" in words(shown)
    assert f"{path}/service" not in shown.text
    await branch.chat("想聊聊配置", "C1")
    assert "专属客户来信 王**" in words(await manager.get("/console"))
    assert "专属客户来信" not in words(await head.get("/console"))
    assert (await manager.post(f"{path}/service", key="k2", personal="no")).status_code == 403
    assert ("client.service", branch.staff[HEAD], None) in await deeds(branch)


async def test_a_plan_is_entered_at_the_clients_word(branch: Stand, sign_in: SignIn) -> None:
    manager, other, path = await sign_in(RM), await sign_in(COMPLIANCE), await address(branch)
    assert "标准计划" in words(await manager.get(path))
    assert (await manager.post(f"{path}/plan", plan="few", weekly="")).status_code == 303
    assert "已发 0 条，最多 1 条" in words(await manager.get(path))
    for key, weekly in (("k2", "99"), ("k3", "many")):
        assert (await manager.post(f"{path}/plan", key=key, plan="few", weekly=weekly)).status_code == 422
    assert (await other.post(f"{path}/plan", key="k4", plan="close")).status_code == 403
    assert await deeds(branch) == [("client.plan", branch.staff[RM], None)]
