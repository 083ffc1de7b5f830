"""Clients are pushed and read over the API by the rules of the import."""

from sqlalchemy import select

from bot.vocabulary import Scope
from storage.models import AuditRow, ClientRow
from tests.console.api.conftest import CLIENT, Branch, Counter


async def deeds(branch: Branch) -> list[tuple[str, dict[str, object]]]:
    """What the audit trail tells of the counter's system."""
    wanted = select(AuditRow.action, AuditRow.detail).order_by(AuditRow.id)
    found = await branch.database.read(lambda unit: unit.session.execute(wanted).all())
    return [(action, detail) for action, detail in found if detail.get("by") == "integration:counter"]


async def test_a_client_is_enrolled_changed_tagged_and_read_and_each_is_on_record(
    branch: Branch, counter: Counter
) -> None:
    told = {"manager": "s3", "risk_level": "C3", "prefers": "基金、股票", "branch": "0102"}
    new = await counter("PUT", "/clients/a1", CLIENT | told)
    assert (new.status_code, new.json()) == (201, {"number": "A1", "outcome": "new", "changed": []})
    married = await counter("PUT", "/clients/A1", {"name": "司马晓岚", "phone": ""})
    assert married.json() == {"number": "A1", "outcome": "changed", "changed": ["name", "salutation"]}
    assert (await counter("PUT", "/clients/A1", {"name": "司马晓岚"})).json()["outcome"] == "unchanged"
    assert (await counter("PUT", "/clients/A1/state", {"state": "frozen"})).json()["changed"] == ["state"]
    assert (await counter("PUT", "/clients/A1/tags", {"tags": ["vip", "etf", "vip"]})).json() == {
        "tags": ["etf", "vip"]
    }
    shown = (await counter("GET", "/clients/a1")).json()
    assert shown == {
        "number": "A1", "state": "frozen", "kind": "ordinary", "asset_band": "unknown", "locale": "zh_CN",
        "tags": ["etf", "vip"], "manager": "s3", "risk_level": "C3", "prefers": "share,fund", "branch": "0102",
        "name": "司马晓岚", "salutation": "尊敬的司马女士",
        "gender": "female", "birthday": "lunar 08-15", "phone": "13800138000", "identity": CLIENT["identity"],
    }  # fmt: skip
    assert await deeds(branch) == [
        ("client.enrol", {"by": "integration:counter"}),
        ("client.change", {"by": "integration:counter", "fields": "name,salutation"}),
        ("client.change", {"by": "integration:counter", "fields": "state"}),
        ("client.tag", {"by": "integration:counter", "tags": 2}),
        ("client.read", {"by": "integration:counter", "personal": True}),
    ]


async def test_every_fault_is_told_field_by_field_and_nothing_is_written(branch: Branch, counter: Counter) -> None:
    wrong = {
        "phone": "123",
        "identity": "110105194912310021",
        "state": "gone",
        "manager": "s9",
        "opened_on": "2027-01-01",
    }
    answer = await counter("PUT", "/clients/A1", {"name": "王岚", **wrong})
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["title"]) == (422, "client_faulty", "Not taken")
    assert {one["field"]: one["fault"] for one in problem["faults"]} == {
        "phone": "wrong", "identity": "check_digit", "state": "no_choice", "manager": "nobody", "opened_on": "future",
    }  # fmt: skip
    nameless = await counter("PUT", "/clients/A1", {"phone": "13800138000"}, Accept_Language="zh-CN")
    assert nameless.json()["faults"] == [{"field": "name", "fault": "missing", "detail": "不能为空"}]
    odd: tuple[object, ...] = ({"name": "王岚\ud800"}, {"name": "王\u0000岚"}, {"nickname": "x"}, {"name": 1}, [], "x")
    for body in odd:
        assert (await counter("PUT", "/clients/A1", body)).status_code == 422
    assert (await counter("PUT", "/clients/A1/state", {"state": "normal"})).json()["code"] == "client_unknown"
    assert (await counter("PUT", "/clients/A1/tags", {"tags": []})).json()["code"] == "client_unknown"
    assert (await counter("GET", "/clients/A1")).status_code == 404
    assert await branch.database.read(lambda unit: unit.session.scalars(select(ClientRow.id)).all()) == []
    assert await deeds(branch) == []


async def test_lists_go_on_where_they_ended_and_personal_fields_take_their_scope(
    branch: Branch, counter: Counter
) -> None:
    for number in ("A1", "A2", "A3"):
        await counter("PUT", f"/clients/{number}", CLIENT)
    first = (await counter("GET", "/clients?limit=2")).json()
    last = (await counter("GET", f"/clients?limit=2&after={first['next']}")).json()
    assert [one["number"] for one in (*first["items"], *last["items"])] == ["A1", "A2", "A3"]
    assert ("next" in last, last["items"][0]["phone"]) == (False, "13800138000")
    counter.token = await branch.let_in([Scope.CLIENTS_READ], "lean")
    lean = (await counter("GET", "/clients?limit=3")).json()
    shown = (await counter("GET", "/clients/A1")).json()
    assert set(shown) == {"number", "state", "kind", "asset_band", "locale", "tags"}
    assert all(set(one) == set(shown) for one in lean["items"])
    assert ("client.read_list", {"by": "integration:counter", "personal": True, "first": 1, "last": 2}) in await deeds(
        branch
    )
