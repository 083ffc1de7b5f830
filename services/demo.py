"""The demo branch: fictional persons of the seed file and some hundred more, the same at every run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from bot.clock import branch_date
from bot.messages import Incoming
from bot.vocabulary import (
    Addressee,
    AssetBand,
    Birthday,
    ChannelKind,
    ClientKind,
    ConsentPurpose,
    Gender,
    Locale,
    MessageKind,
    RiskLevel,
    Role,
)
from storage import seeds
from storage.repositories.clients import NewClient

MORE = 500
SEED = 20261123
YOURSELF = "D9999"
TAIL = "9999"
"""Number of the client that whoever tries the demo becomes, and the last four digits of the id number."""
IMPORTER = "quanfu"
"""Who imported what came with the demo."""

_ROLES = {
    "branch_manager": Role.HEAD,
    "compliance_officer": Role.COMPLIANCE,
    "relationship_manager": Role.RM,
    "investment_adviser": Role.ADVISER,
    "client_service": Role.SERVICE,
    "follow_up_officer": Role.VISITOR,
    "administrator": Role.ADMIN,
}


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """A fictional member of staff; `number` is what they sign in with."""

    number: str
    name: str
    title: str
    licence: str
    role: Role


def branch_facts() -> dict[str, str]:
    """How the demo branch presents itself."""
    return dict(seeds.read("demo/demo_branch.yaml")["branch"])


def staff() -> list[DemoStaff]:
    """The demo staff, in the order of their numbers."""
    people = seeds.read("demo/demo_branch.yaml")["staff"]
    found = [
        DemoStaff(item["id"], item["name"], item["title"], item["licence"], _ROLES[item["role"]]) for item in people
    ]
    return sorted(found, key=lambda one: one.number)


def clients(now: datetime, managers: Mapping[str, int]) -> list[NewClient]:
    """The named persons, the reader's own stand-in, and the rest; `managers` gives staff ids by number."""
    today = branch_date(now)
    named = [_named(item, now, managers) for item in seeds.read("demo/demo_branch.yaml")["clients"]]
    return [*named, _yourself(today, managers), *_more(today, managers)]


def advised() -> Mapping[str, str]:
    """By client number the number of their adviser."""
    people = seeds.read("demo/demo_branch.yaml")["clients"]
    return {_number(item): item["adviser"] for item in people if "adviser" in item}


def dialogues() -> Iterator[Incoming]:
    """What some of the clients said, one message after the other, on the recording channel."""
    for spoken in seeds.read("demo/dialogues.yaml")["dialogues"]:
        sender = Addressee(ChannelKind.RECORDING, "main", spoken["client"])
        for place, text in enumerate(spoken["says"], 1):
            yield Incoming(sender, f"demo-{spoken['client']}-{place}", MessageKind.TEXT, text)


def _number(item: dict[str, Any]) -> str:
    return f"D{item['id'][1:].zfill(4)}"


def _named(item: dict[str, Any], now: datetime, managers: Mapping[str, int]) -> NewClient:
    return NewClient(
        number=_number(item),
        name=item["name"],
        salutation=item["salutation"],
        phone=item["phone"],
        identity=_identity(int(item["id"][1:])),
        gender=Gender(item["gender"]),
        locale=Locale.EN if item["language"] == "en" else Locale.ZH_CN,
        kind=ClientKind(item["type"]),
        asset_band=AssetBand(seeds.read("demo/names_zh.yaml")["asset_bands"][item["assets_band"]]),
        risk_level=_level(item),
        risk_valid_until=_valid_until(item["level_valid"], branch_date(now)),
        manager_id=managers.get(item["manager"] or ""),
        birthday=_birthday(item["birthday"]),
        opened_on=date.fromisoformat(item["opened"]) if item["opened"] else None,
        tags=tuple(item["tags"]),
        consents=tuple(ConsentPurpose(word) for word in item["consents"]),
        fictional=True,
    )


def _level(item: dict[str, Any]) -> RiskLevel | None:
    return RiskLevel.C1_MIN if item.get("level_flag") == "minimum" else item["level"] and RiskLevel(item["level"])


def _valid_until(word: str, today: date) -> date | None:
    days = {"valid": 400, "expiring": 20, "expired": -40}.get(word)
    return None if days is None else today + timedelta(days=days)


def _birthday(item: dict[str, Any] | None) -> Birthday | None:
    if item is None:
        return None
    if item["calendar"] == "solar":
        on = date.fromisoformat(item["date"])
        return Birthday(on.month, on.day, on.year)
    return Birthday(item["month"], item["day"], item["year"], lunar=True, leap=item["leap"])


def _identity(index: int) -> str:
    """An id number that no person can have: there is no region 000000."""
    return f"00000019900101{index:04d}"


def _yourself(today: date, managers: Mapping[str, int]) -> NewClient:
    words = seeds.read("demo/names_zh.yaml")["yourself"]
    return NewClient(
        number=YOURSELF,
        name=words["name"],
        salutation=words["salutation"],
        phone="10000009999",
        identity=_identity(9999),
        asset_band=AssetBand.FROM_20,
        risk_level=RiskLevel.C3,
        risk_valid_until=today + timedelta(days=400),
        manager_id=managers.get("s03"),
        birthday=Birthday(today.month, today.day, 1990),
        opened_on=today - timedelta(days=900),
        consents=(),
        fictional=True,
    )


def _more(today: date, managers: Mapping[str, int]) -> list[NewClient]:
    chance = Random(SEED)  # noqa: S311 - fictional persons, the same at every run
    return [_invented(chance, index, today, managers) for index in range(1001, 1001 + MORE)]


def _invented(chance: Random, index: int, today: date, managers: Mapping[str, int]) -> NewClient:
    words = seeds.read("demo/names_zh.yaml")
    gender = chance.choice([Gender.FEMALE, Gender.MALE])
    surname = chance.choice(words["surnames"])
    level = chance.choice([*RiskLevel, None])
    return NewClient(
        number=f"D{index}",
        name=surname + chance.choice(words[f"given_{gender.value}"]),
        salutation=words["salutation"][gender.value].format(surname=surname),
        phone=f"1000000{index:04d}",
        identity=_identity(index),
        gender=gender,
        asset_band=chance.choice([band for band in AssetBand if band is not AssetBand.UNKNOWN]),
        risk_level=level,
        risk_valid_until=today + timedelta(days=chance.randint(-60, 700)) if level else None,
        manager_id=managers.get("s03"),
        birthday=_some_birthday(chance),
        opened_on=today - timedelta(days=chance.randint(10, 6000)),
        tags=tuple(sorted(chance.sample(words["tags"], chance.randint(0, 3)))),
        consents=(ConsentPurpose.SERVICE, *sorted(chance.sample(_OPTIONAL, chance.randint(0, len(_OPTIONAL))))),
        fictional=True,
    )


_OPTIONAL = [purpose for purpose in ConsentPurpose if purpose is not ConsentPurpose.SERVICE]


def _some_birthday(chance: Random) -> Birthday:
    lunar = chance.random() < 0.3
    return Birthday(chance.randint(1, 12), chance.randint(1, 28), chance.randint(1945, 2004), lunar=lunar)
