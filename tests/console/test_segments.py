"""The segment editor: rows by choices, the sentence and the count as one edits, saving once, and who may what."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.clock import branch_date
from bot.vocabulary import AssetBand
from services import segments
from services.segments import packaged
from storage.models import ClientRow
from storage.repositories import segment_counts
from storage.repositories import segments as rows
from storage.repositories.segments import Meaning, Segment
from storage.unit import Unit
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import ADMIN, ADVISER, HEAD, NAME, RM, SERVICE, Stand

PAGE = "/console/segments"
ROW = {"match-0": "all", "row": "0.0", "field-0.0": "tag", "is-0.0": "has", "value-0.0": "基金定投"}
"""Of the two clients at the stand the first has this tag, and the manager."""


@pytest.fixture(autouse=True)
async def known(branch: Stand) -> None:
    """The packaged segments."""
    await branch.database.write(lambda unit: packaged.load(unit, branch.clock.now()))


async def named(branch: Stand, name: str) -> Segment:
    found = await branch.database.read(lambda unit: rows.by_name(unit, name))
    assert found is not None
    return found


async def made(branch: Stand, condition: dict[str, Any], author: str | None = None, name: str = "我的") -> Segment:
    author_id = branch.staff[author] if author else None
    meaning = Meaning(name, "", condition)
    await branch.database.write(lambda unit: rows.add(unit, meaning, author_id, branch.clock.now()))
    return await named(branch, name)


async def test_the_list_says_what_each_means(sign_in: SignIn) -> None:
    shown = words(await (await sign_in(HEAD)).get(PAGE))
    assert "稳健 风险等级为C3稳健型，且测评在有效期内" in shown
    assert "随系统提供" in shown


async def test_a_broken_one_is_shown_among_the_others_and_can_go(branch: Stand, sign_in: SignIn) -> None:
    broken = await made(branch, {"all": [{"field": "height"}, {"segment": "高净值"}]}, HEAD, "坏了")
    head = await sign_in(HEAD)
    shown = words(await head.get(PAGE))
    assert ("坏了 条件已无法读取" in shown, "稳健 风险等级为C3稳健型" in shown) == (True, True)
    page = await head.get(f"{PAGE}/{broken.id}")
    assert (page.status_code, "条件有误" in words(page), "嵌套较深" in words(page)) == (200, True, False)
    used = await branch.database.read(lambda unit: segments.uses(unit, "高净值"))
    assert "坏了" in used.segments
    assert (await head.get(f"{PAGE}/new?from={broken.id}")).status_code == 200
    assert (await head.post(f"{PAGE}/{broken.id}/remove")).status_code == 303
    assert "坏了" not in words(await head.get(PAGE))


async def test_a_row_changes_count_and_sentence_at_once(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    before = await person.get(f"{PAGE}/new")
    assert 'id="segment-count"><b>2</b>' in before.text
    after = await person.post(f"{PAGE}/try", **ROW)
    assert 'id="segment-count"><b>1</b>' in after.text
    assert "读作 带有标签“基金定投”" in words(after)
    assert NAME not in after.text
    assert "C1 王**" in words(after)
    assert await branch.database.read(lambda unit: len(rows.all_of(unit))) == 14


async def test_buttons_add_and_take_away_rows_and_groups(sign_in: SignIn) -> None:
    person = await sign_in(HEAD)
    more = (await person.post(f"{PAGE}/try", **ROW, do="row-0")).text
    assert 'value="0.1"' in more
    grouped = (await person.post(f"{PAGE}/try", **ROW, do="group")).text
    assert 'name="match-1"' in grouped
    fewer = (await person.post(f"{PAGE}/try", **ROW, do="drop-0.0")).text
    assert 'name="row"' not in fewer
    broken = await person.post(f"{PAGE}/try", **{**ROW, "field-0.0": "age", "is-0.0": "at_least", "value-0.0": "很大"})
    assert "请填写完整、正确的值" in broken.text


async def test_a_row_is_called_unfinished_once_it_was_begun_or_was_to_be_kept(sign_in: SignIn) -> None:
    person, blank = await sign_in(HEAD), {**ROW, "value-0.0": " "}
    pages = [
        await person.get(f"{PAGE}/new"),
        await person.post(f"{PAGE}/try", **blank, name="新的"),
        await person.post(f"{PAGE}/try", **{**blank, "field-0.0": "age", "is-0.0": "between", "value-0.0": "30"}),
        await person.post(f"{PAGE}/save", **blank, name="新的"),
    ]
    assert ["请填写完整、正确的值" in page.text for page in pages] == [False, False, True, True]


async def test_return_in_a_field_takes_no_row_away(sign_in: SignIn) -> None:
    """Browsers press the first button of a form then."""
    shown = (await (await sign_in(HEAD)).post(f"{PAGE}/try", **ROW)).text
    form = shown[shown.index('class="q-segment-form"') :]
    first = form[form.index("<button") : form.index("</button>")]
    assert 'value="drop-0.0"' in form
    assert "hidden" in first
    assert 'name="do"' not in first


async def test_saves_once_and_tells_who_changed_it(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(HEAD)
    for _ in range(2):
        saved = await person.post(f"{PAGE}/save", **ROW, name="定投客户", note="每月")
        assert (saved.status_code, saved.headers["location"]) == (303, PAGE)
    found = await named(branch, "定投客户")
    assert found.meaning.condition == {"field": "tag", "is": "has", "value": "基金定投"}
    seen = {"number": str(found.id), "version": "1", "name": "定投客户"}
    changed = {**ROW, **seen, "value-0.0": "两融"}
    assert (await person.post(f"{PAGE}/save", **{**changed, "key": "k2"})).status_code == 303
    late = await person.post(f"{PAGE}/save", **{**changed, "key": "k3", "value-0.0": "期权"})
    assert late.status_code == 409
    assert 'value="期权"' in late.text
    assert "第2版" in words(await person.get(f"{PAGE}/{found.id}"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "分群名称须为1至80字"),
        ({"name": "高净值"}, "分群“高净值”已存在"),
        ({"name": "空", "value-0.0": " "}, "有条件尚未填完整"),
        ({"name": "组", "match-1": "any"}, "有条件尚未填完整"),
        ({"name": "缺", "field-0.0": "segment", "value-0.0": "没有"}, "没有分群“没有”"),
    ],
)
async def test_what_cannot_be_kept_is_shown_again(sign_in: SignIn, fields: dict[str, str], said: str) -> None:
    answer = await (await sign_in(HEAD)).post(f"{PAGE}/save", **{**ROW, **fields})
    assert answer.status_code == 422
    assert said in words(answer)


async def test_a_manager_counts_and_changes_their_own_only(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(RM)
    assert 'id="segment-count"><b>1</b>' in (await person.get(f"{PAGE}/new")).text
    other = await made(branch, {"all": []}, ADVISER)
    assert f"{PAGE}/save" not in (await person.get(f"{PAGE}/{other.id}")).text
    fields = {**ROW, "number": str(other.id), "version": "1", "name": other.name}
    assert (await person.post(f"{PAGE}/save", **fields)).status_code == 403
    assert (await person.post(f"{PAGE}/{other.id}/remove")).status_code == 403
    admin = await sign_in(ADMIN)
    assert (await admin.post(f"{PAGE}/try", **ROW)).status_code == 403
    assert (await admin.get(f"{PAGE}/new")).status_code == 403


async def test_a_packaged_one_is_copied_not_changed(branch: Stand, sign_in: SignIn) -> None:
    person, found = await sign_in(HEAD), await named(branch, "高净值活动邀请名单")
    shown = (await person.get(f"{PAGE}/{found.id}")).text
    assert f"{PAGE}/new?from={found.id}" in shown
    assert f"{PAGE}/save" not in shown
    copied = words(await person.get(f"{PAGE}/new?from={found.id}"))
    assert "读作 在分群“高净值”中，且已同意“" in copied


async def test_a_fixed_list_and_what_nests_deeper_are_read_only(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(HEAD)
    tag = {"field": "tag", "is": "has", "value": "基金定投"}
    deep = await made(branch, {"all": [tag, {"any": [tag, {"all": [tag, tag]}]}]})
    shown = await person.get(f"{PAGE}/{deep.id}")
    assert "请用命令修改" in words(shown)
    assert 'id="segment-count"><b>1</b>' in shown.text


async def test_removes_what_nothing_uses(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(HEAD)
    inner = await made(branch, {"all": []})
    outer = await made(branch, {"segment": "我的"}, name="外层")
    refused = await person.post(f"{PAGE}/{inner.id}/remove")
    assert (refused.status_code, "正被使用：外层" in words(refused)) == (422, True)
    assert (await person.post(f"{PAGE}/{outer.id}/remove", key="k2")).status_code == 303
    assert (await person.post(f"{PAGE}/{inner.id}/remove", key="k3")).status_code == 303
    assert (await person.get(f"{PAGE}/{inner.id}")).status_code == 404


async def test_tells_what_two_share_and_draws_the_parts(branch: Stand, sign_in: SignIn) -> None:
    rich = update(ClientRow).where(ClientRow.number == "C2").values(asset_band=AssetBand.FROM_500)
    await branch.database.write(lambda unit: unit.session.execute(rich))
    found, person = await named(branch, "高净值"), await sign_in(HEAD)
    await made(branch, {"all": []}, name="全部")
    shown = await person.get(f"{PAGE}/{found.id}?with=全部")
    assert "仅本分群 0 同属两者 1 仅“全部” 1" in words(shown)
    assert 'aria-label="500万元以上 1"' in shown.text
    assert (await person.get(f"{PAGE}/{found.id}?with=没有")).status_code == 200


async def drawn(person: Person, **fields: str) -> str:
    return (await person.post(f"{PAGE}/try", **{**ROW, **fields})).text


async def test_every_field_has_its_boxes(sign_in: SignIn) -> None:
    person = await sign_in(HEAD)
    for name, operator, box in (
        ("risk_level", "between", 'value="C1_MIN"'),
        ("risk_level", "in", " multiple"),
        ("opened_on", "between", 'type="date"'),
        ("opened_on", "last_days", 'type="number"'),
        ("opted_out", "equals", 'value="true"'),
        ("segment", "has_not", "高净值"),
        ("course", "has", "基金与定投"),
        ("manager", "equals", 'maxlength="80"'),
    ):
        assert box in await drawn(person, **{"field-0.0": name, "is-0.0": operator, "value-0.0": ""}), name


async def test_a_number_that_no_database_holds_is_no_segment(sign_in: SignIn) -> None:
    person = await sign_in(HEAD)
    assert (await person.get(f"{PAGE}/{'9' * 25}")).status_code == 404
    assert (await person.post(f"{PAGE}/{'9' * 25}/remove")).status_code == 404


async def test_how_a_segment_grew_is_drawn_for_those_who_count_everybody(branch: Stand, sign_in: SignIn) -> None:
    found = await made(branch, {"all": []})
    today = branch_date(branch.clock.now())

    def counted(unit: Unit) -> None:
        for back, members in ((2, 40), (1, 50), (0, 2)):
            segment_counts.keep(unit, {found.id: members}, today - timedelta(days=back))

    await branch.database.write(counted)
    shown = await (await sign_in(HEAD)).get(f"{PAGE}/{found.id}")
    assert "最近 3 天有记录：从 40 人到 2 人" in words(shown)
    assert len(re.findall(r"<g><title>[^<]* · \d+</title>", shown.text)) == 3
    assert 'class="q-columns"' not in (await (await sign_in(RM)).get(f"{PAGE}/{found.id}")).text
