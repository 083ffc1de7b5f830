"""The image and the composition name what there is: folders, roles, settings. Nothing here builds them."""

import re
import tomllib

import yaml

from bot.app import Role
from bot.settings import Settings
from tests.house.sources import ROOT
from tests.house.test_settings import rows

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def test_every_room_is_compiled_into_the_image() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    rooms = [name for name in packages["packages"] if any((ROOT / name).rglob("*.py"))]
    [compiled] = re.findall("compileall -q --invalidation-mode unchecked-hash (.*)", DOCKERFILE)
    assert compiled.split() == rooms


def test_what_is_copied_alone_is_there() -> None:
    [copied] = re.findall("COPY (requirements.*) ./", DOCKERFILE)
    assert all((ROOT / name).is_file() for name in copied.split())


def test_every_variable_is_a_setting() -> None:
    known = {row.split("`")[1] for row in rows(Settings)}
    told = {
        *re.findall("QUANFU_[A-Z_]+", DOCKERFILE),
        *re.findall("QUANFU_[A-Z_]+", (ROOT / "compose.yaml").read_text()),
    }
    assert told <= known


def test_every_role_has_a_service_of_its_own_and_waits_for_the_schema() -> None:
    roles = {each["command"][-1]: each for each in COMPOSE["services"].values() if "--role" in each.get("command", [])}
    assert roles.keys() == {role.value for role in Role if role is not Role.ALL}
    assert {tuple(each["depends_on"]) for each in roles.values()} == {("migrate",)}
