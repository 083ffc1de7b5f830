"""The audit trail's page: filters, who reads how much of it, and the file for the regulator."""

import codecs
import csv
import json
from datetime import timedelta

import pytest

from services import audit
from services.audit import Deed, Detail
from storage.repositories import client_keys
from storage.unit import Unit
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import ADMIN, COMPLIANCE, HEAD, MONDAY, SERVICE, Stand

PAGE = "/console/audit"
FILTERS = {
    "": ["TS1", "TS2", "2027"],
    "staff=s05": ["TS1", "TS2"],
    "action=ticket.": ["TS1", "TS2"],
    "action=ticket.a": ["TS2"],
    "object=ticket:TS1": ["TS1"],
    "object=%25": [],
    "from=2026-11-22&to=2026-11-22": ["TS2"],
    "from=2026-11-22": ["TS2", "2027"],
    "to=2026-11-21": ["TS1"],
    "by=system": ["2027"],
    "by=staff&from=2026-11-22": ["TS2"],
    "by=nobody": ["TS1", "TS2", "2027"],
    "from=nonsense": ["TS1", "TS2", "2027"],
}
"""Which deeds a filter chooses."""


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


async def fill(branch: Stand) -> None:
    """Deeds of three days: two of service, one of the service itself."""
    deeds = [
        Deed("ticket.close", "ticket:TS1", MONDAY - timedelta(days=2), branch.staff[SERVICE], reason="=1+1"),
        Deed("ticket.assign", "ticket:TS2", MONDAY - timedelta(days=1), branch.staff[SERVICE], {"to": "s03"}),
        Deed("calendar.import", "calendar:2027", MONDAY),
    ]

    def write(unit: Unit) -> None:
        for deed in deeds:
            audit.record(unit, deed)

    await branch.database.write(write)


async def shown(person: Person, query: str) -> list[str]:
    """Which of the deeds a list names."""
    page = (await person.get(f"{PAGE}?{query}")).text
    return [name for name in ("TS1", "TS2", "2027") if f":{name}</code>" in page]


async def test_filters_choose_deeds(branch: Stand, sign_in: SignIn) -> None:
    await fill(branch)
    person = await sign_in(COMPLIANCE)
    assert {query: await shown(person, query) for query in FILTERS} == FILTERS


async def test_details_are_told_in_the_reader_s_words(branch: Stand, sign_in: SignIn) -> None:
    thing = "client_request:7"
    detail: Detail = {"kind": "erase", "profile": 2, "stays": None, "personal": True, "made_up": 1}
    deeds = [
        Deed("client_request.approve", thing, MONDAY, branch.staff[SERVICE], detail),
        Deed("client.interest", thing, MONDAY, branch.staff[SERVICE], {"funds": False}),
    ]
    await branch.database.write(lambda unit: audit.record(unit, *deeds))
    page = words(await (await sign_in(COMPLIANCE)).get(f"{PAGE}?object={thing}"))
    told = ("类型: erase", "资料、意愿、名单、绑定码: 2", "保留条数: –", "含个人信息: 是", "made_up: 1", "基金: 否")
    assert [one for one in told if one not in page] == []


async def test_an_administrator_reads_of_staff_and_settings_only(branch: Stand, sign_in: SignIn) -> None:
    await fill(branch)
    admin = await sign_in(ADMIN)
    assert await shown(admin, "") == ["2027"]
    assert await shown(admin, "action=ticket.") == []
    assert "staff.sign_in" in words(await admin.get(PAGE))
    assert f'action="{PAGE}/export"' not in (await admin.get(PAGE)).text
    assert (await admin.post(f"{PAGE}/export", form="csv")).status_code == 403


async def test_the_table_for_the_regulator_is_itself_a_deed(branch: Stand, sign_in: SignIn) -> None:
    await fill(branch)
    person = await sign_in(HEAD)
    fields = {"from": "2026-11-21", "to": "2026-11-22", "form": "csv"}
    answer = await person.http.post(f"{PAGE}/export", data={"csrf": person.csrf, **fields})
    assert answer.content.startswith(codecs.BOM_UTF8)  # or Excel takes it for GBK
    lines = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert answer.headers["content-disposition"].endswith('"audit-2026-11-21-2026-11-22.csv"')
    assert [(line["staff"], line["action"], line["reason"]) for line in lines] == [
        ("s05", "ticket.close", "'=1+1"),
        ("s05", "ticket.assign", ""),
    ]
    assert "audit.export" in words(await person.get(f"{PAGE}?action=audit."))


async def test_the_lines_hold_every_entry_as_it_is(branch: Stand, sign_in: SignIn) -> None:
    await fill(branch)
    person = await sign_in(HEAD)
    fields = {"csrf": person.csrf, "from": "2026-11-20", "to": "2026-11-23", "form": "jsonl"}
    lines = [json.loads(line) for line in (await person.http.post(f"{PAGE}/export", data=fields)).text.splitlines()]
    actions = [line["action"] for line in lines]
    assert actions == ["ticket.close", "ticket.assign", "calendar.import", "staff.sign_in", "audit.export"]
    assert (lines[0]["reason"], lines[1]["detail"]) == ("=1+1", {"to": "s03"})


@pytest.mark.parametrize("days", [("2026-11-23", "2026-11-20"), ("", "2026-11-23"), ("x", "y")])
async def test_days_that_are_none_are_refused(branch: Stand, sign_in: SignIn, days: tuple[str, str]) -> None:
    person = await sign_in(HEAD)
    fields = {"csrf": person.csrf, "from": days[0], "to": days[1], "form": "csv"}
    assert (await person.http.post(f"{PAGE}/export", data=fields)).status_code == 422
    assert "audit.export" not in words(await person.get(f"{PAGE}?action=audit."))


async def test_what_went_with_a_client_s_key_is_told_in_words(branch: Stand, sign_in: SignIn) -> None:
    person, thing = await sign_in(COMPLIANCE), f"client:{branch.clients['C1']}"
    told = Deed("client.reveal", thing, MONDAY, branch.staff[SERVICE], {"field": "phone"}, "补办银行卡")
    await branch.database.write(lambda unit: audit.record(unit, told))
    assert "补办银行卡" in words(await person.get(f"{PAGE}?object={thing}"))
    await branch.database.write(lambda unit: client_keys.destroy(unit, branch.clients["C1"], MONDAY))
    page = words(await person.get(f"{PAGE}?object={thing}"))
    assert ("补办银行卡" in page, "已随客户密钥抹去" in page) == (False, True)
