"""A client's rights in the console: two persons, what goes and what stays, and what stands against it."""

import html
import json
import re
from io import BytesIO
from zipfile import ZipFile

from sqlalchemy import select, update

from bot.vocabulary import RiskLevel
from bot.vocabulary.rights import Gone
from storage.models import ClientRow
from tests import audited
from tests.console.conftest import SignIn, words
from tests.console.stand import COMPLIANCE, EMAIL, FUND_ACCOUNT, HEAD, NAME, SERVICE, Stand
from tests.console.test_clients import address


async def gone(branch: Stand, number: str = "C1") -> Gone | None:
    wanted = select(ClientRow.gone).where(ClientRow.id == branch.clients[number])
    return await branch.database.read(lambda unit: unit.session.scalars(wanted).one())


def links(page: str) -> list[str]:
    """The addresses of the forms on a page."""
    return [html.unescape(one) for one in re.findall(r'action="([^"]+)"', page)]


async def test_a_copy_is_a_file_for_a_reason_that_two_persons_find_good(branch: Stand, sign_in: SignIn) -> None:
    head, other, path = await sign_in(HEAD), await sign_in(COMPLIANCE), f"{await address(branch)}/rights"
    page = await head.get(path)
    assert (NAME in page.text, f"{path}/export" in links(page.text)) == (False, False)
    silent = await head.post(f"{path}/copy", key="k1", text="  ")
    assert (silent.status_code, "请写明理由" in words(silent)) == (422, True)
    assert (await head.post(f"{path}/copy", key="k2", text="客户书面申请")).status_code == 303
    early = await head.post(f"{path}/export", key="k3")
    assert (early.status_code, "须由另一位同事复核" in words(early)) == (422, True)
    assert (await head.post(f"{path}/requests/1/copy", key="k4")).status_code == 403
    assert "申请人 24 小时内可导出" in words(await other.get(path))
    assert (await other.post(f"{path}/requests/1/copy", key="k5")).status_code == 303
    assert [f"{path}/export" in links((await one.get(path)).text) for one in (head, other)] == [True, False]
    assert [path in (await one.get("/console")).text for one in (head, other)] == [True, False]
    taken = await head.post(f"{path}/export", key="k6")
    assert taken.headers["content-disposition"].startswith('attachment; filename="c_')
    with ZipFile(BytesIO(taken.content)) as file:
        assert json.loads(file.read("data.json"))["tables"]["clients"][0]["name"] == NAME
    (entry,) = await audited.deeds(branch.database, "client.export")
    assert (entry.number, entry.reason) == (HEAD, "客户书面申请")


async def test_two_persons_erase_and_the_hold_of_compliance_forbids_it(branch: Stand, sign_in: SignIn) -> None:
    head, compliance, base = await sign_in(HEAD), await sign_in(COMPLIANCE), await address(branch)
    path = f"{base}/rights"
    assert (await head.post(f"{path}/hold", text="诉讼")).status_code == 403
    assert (await compliance.post(f"{path}/hold", key="k1", text="诉讼")).status_code == 303
    held = await head.get(path)
    assert "不得删除：诉讼" in words(held)
    assert [one for one in links(held.text) if one.endswith(("/erase", "/release"))] == []
    refused = await head.post(f"{path}/erase", key="k2", text="客户来函")
    assert (refused.status_code, "依法留存状态" in words(refused), "客户来函" in refused.text) == (422, True, True)
    assert (await compliance.post(f"{path}/release", key="k3", text="结案")).status_code == 303
    assert (await head.post(f"{path}/erase", key="k4", text="客户来函")).status_code == 303
    own = await head.get(path)
    assert ("须由另一位同事复核" in words(own), links(own.text).count(f"{path}/requests/1/erase")) == (True, 0)
    assert (await head.post(f"{path}/requests/1/erase", key="k5")).status_code == 403
    todo = [path in (await one.get("/console")).text for one in (compliance, head)]
    assert todo == [True, False]
    listed = await compliance.get("/console/requests")
    assert ("待你复核" in words(listed), f'href="{path}"' in listed.text) == (True, True)
    done = await compliance.post(f"{path}/requests/1/erase", key="k6")
    assert (done.headers["location"], await gone(branch)) == ("/console/requests", Gone.ERASED)
    assert [(await head.get(each)).status_code for each in (base, path)] == [404, 404]
    after = await head.get("/console/requests")
    assert ("到期删除" in words(after) or "没有待处理的申请" in words(after), path in after.text) == (True, False)


async def test_a_request_is_declined_in_words_or_taken_back(branch: Stand, sign_in: SignIn) -> None:
    head, compliance, path = await sign_in(HEAD), await sign_in(COMPLIANCE), f"{await address(branch)}/rights"
    await head.post(f"{path}/erase", text="客户来函")
    silent = await compliance.post(f"{path}/requests/1/decline", key="k2")
    assert (silent.status_code, "请写明理由" in words(silent)) == (422, True)
    assert (await compliance.post(f"{path}/requests/1/decline", key="k3", text="身份不明")).status_code == 303
    late = await head.post(f"{path}/requests/1/decline", key="k4", text="撤回")
    assert (late.status_code, "该申请已处理" in words(late), await gone(branch)) == (409, True, None)
    assert (await head.post(f"{path}/requests/1/nothing", key="k5")).status_code == 404


async def test_only_those_who_may_see_the_tab(branch: Stand, sign_in: SignIn) -> None:
    base = await address(branch)
    service, head = await sign_in(SERVICE), await sign_in(HEAD)
    assert [f'href="{base}/rights"' in (await one.get(base)).text for one in (service, head)] == [False, True]
    for deed in ("", "/copy", "/export", "/erase", "/hold", "/requests/1/erase"):
        answer = await (service.post(f"{base}/rights{deed}", text="x") if deed else service.get(f"{base}/rights"))
        assert answer.status_code == 403, deed
    head.http.cookies.set("quanfu_locale", "en")
    assert "Legal hold" in words(await head.get(f"{base}/rights"))


async def test_two_records_stand_side_by_side_and_become_one(branch: Stand, sign_in: SignIn) -> None:
    head, compliance = await sign_in(HEAD), await sign_in(COMPLIANCE)
    one, into = await address(branch, "C1"), await address(branch, "C2")
    other = into.rsplit("/", 1)[-1]
    path = f"{one}/rights/merge/{other}"
    differ = await head.get(path)
    assert "证件号码不同，不是同一人" in words(differ)
    refused = await head.post(path, text="重复建档")
    assert (refused.status_code, "重复建档" in refused.text) == (422, True)
    same = {"identity_sealed": None, "identity_key": None, "name_key": b"same", "risk_level": RiskLevel.C4}
    for number in ("C1", "C2"):
        values = same if number == "C2" else {"name_key": b"same", "style": "steady", "prefers": "bond"}
        changed = update(ClientRow).where(ClientRow.number == number).values(values)
        await branch.database.write(lambda unit, changed=changed: unit.session.execute(changed) and None)  # type: ignore[misc]
    found = await head.get(f"{one}/rights/merge")
    assert f'href="{path}"' in found.text
    searched = await head.post(f"{one}/rights/merge", q="c2")
    assert (f'href="{path}"' in searched.text, "10000000102" in searched.text) == (True, False)
    page = await head.get(path)
    assert ([clear for clear in (NAME, EMAIL, FUND_ACCOUNT) if clear in page.text], "<strong>wa" in page.text) == (
        [],
        False,
    )
    assert re.search(r"<strong>\w\*\*\*@", page.text)
    assert re.search("偏好品种 \\S+ 债券 – 债券", words(page))
    assert (await head.post(path, key="k2", text="重复建档")).status_code == 303
    waiting = await compliance.get(f"{into}/rights")
    assert f'href="{path}"' in waiting.text
    assert (await compliance.post(f"{into}/rights/requests/1/merge", key="k3")).status_code == 303
    assert (await gone(branch)) is Gone.MERGED
    survivor = await head.get(f"{one}/rights")
    assert ("C2" in words(survivor), "并入，复核人 s02" in words(survivor)) == (True, True)
    assert (await head.get(path)).status_code == 404
