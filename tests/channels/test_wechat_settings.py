"""Templates in the settings: taken where they fit a text, named line by line where they don't."""

from pathlib import Path

import pytest

from bot.app.channels import Parts, channels
from bot.channels.base import MemoryState
from bot.clock import MovableClock
from bot.errors import SettingsWrong
from bot.settings import load
from bot.vocabulary import ChannelKind
from tests import packaged

BASE = """
[wechat]
app_id = "wx1"
secret = "a"
token = "b"
"""
TEMPLATE = """
[wechat.templates.{key}]
id = "TM1"
fields = {{ number1 = "{pattern}" }}
"""
PARTS = Parts(lambda _scope: MemoryState(), lambda _visitor: None, packaged.texts(), MovableClock())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to start in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def registered(folder: Path, text: str) -> object:
    """What the account may send outside a window."""
    (folder / "quanfu.toml").write_text(BASE + text)
    return channels(load(), PARTS)[ChannelKind.WECHAT, "main"].capabilities.registered


def test_a_template_of_the_file_is_registered(folder: Path) -> None:
    text = TEMPLATE.format(key="complaint_progress", pattern="{{ number }} {{ due|instant }}")
    assert registered(folder, text) == {"complaint_progress": {"number1": "{{ number }} {{ due|instant }}"}}


@pytest.mark.parametrize(
    ("key", "pattern", "fault"),
    [
        ("no_such_text", "x", "templates.no_such_text: no text has this key"),
        ("complaint_progress", "{{ phone }}", "complaint_progress.fields.number1: takes assignee, due, number, status"),
        ("complaint_progress", "{{ number", "complaint_progress.fields.number1: takes"),
        ("complaint_progress", "{{ number|loud }}", "complaint_progress.fields.number1: takes"),
    ],
)
def test_a_template_that_fits_no_text_is_named(folder: Path, key: str, pattern: str, fault: str) -> None:
    with pytest.raises(SettingsWrong) as caught:
        registered(folder, TEMPLATE.format(key=key, pattern=pattern))
    assert [fault in line for line in caught.value.faults] == [True]


def test_a_notice_of_the_file_is_registered_and_needs_consents(folder: Path) -> None:
    text = TEMPLATE.format(key="complaint_progress", pattern="{{ number }}").replace(".templates.", ".notices.")
    assert registered(folder, text) == {"complaint_progress": {"number1": "{{ number }}"}}
    found = channels(load(), PARTS)[ChannelKind.WECHAT, "main"].capabilities
    assert found.consented == {"complaint_progress": "TM1"}


def test_a_text_is_no_template_and_notice_at_once(folder: Path) -> None:
    text = TEMPLATE.format(key="complaint_progress", pattern="{{ number }}")
    with pytest.raises(SettingsWrong, match="in templates and in notices: complaint_progress"):
        registered(folder, text + text.replace(".templates.", ".notices."))


def test_a_subscription_account_has_no_templates(folder: Path) -> None:
    text = 'kind = "subscription"\n' + TEMPLATE.format(key="complaint_progress", pattern="{{ number }}")
    with pytest.raises(SettingsWrong, match="service accounts only"):
        registered(folder, text)


@pytest.mark.parametrize("name", ["main", "second-app", "second-contacts", "Second", "a b", "x" * 24, "../x"])
def test_a_further_account_takes_nobody_s_place(folder: Path, name: str) -> None:
    with pytest.raises(SettingsWrong, match=r"^accounts\..*: the name of a further account has small letters"):
        registered(folder, f'[accounts."{name}"]\nplatform = "telegram"\ntoken = "7:x"\n')


def test_no_account_is_there_twice(folder: Path) -> None:
    again = '[accounts.second]\nplatform = "wechat"\napp_id = "wx1"\ntoken = "b"\n'
    with pytest.raises(SettingsWrong, match=r"^accounts\.second: main is the same account of the platform$"):
        registered(folder, again)
    bots = '[telegram]\ntoken = "7:x"\n[accounts.third]\nplatform = "telegram"\ntoken = "7:x"\n'
    with pytest.raises(SettingsWrong, match=r"^accounts\.third: main is the same account of the platform$"):
        registered(folder, bots)
