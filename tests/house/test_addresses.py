"""Pages ask no other machine for anything, and no file names somebody's own machine or a package index."""

import re
from collections.abc import Iterator

import pytest

from tests.house.sources import Source, all_files

LOCAL = {"127.0.0.1", "localhost", "[::1]"}
LINKS = {"www.w3.org": "the name of a document format; nobody asks it for anything"}
"""Hosts that pages may name, and why."""

HOST = re.compile(r"""(?:https?:|(?:src|href)=["']?|url\(["']?|@import ["'])//(\[?[\w.:-]+\]?)""")
PAGES = (".html", ".j2", ".css", ".js", ".svg")
FOLDERS = ("templates", "console/static", "bot/webchat/static")
PRIVATE = re.compile(
    r"(?<![\w.}/-])/(?:home|root|Users)/[\w.]"  # a folder of one machine
    r"|/tmp/[a-z]+/"
    r"|https?://\S+/simple\b"  # a package index, by the shape of its address
    r"|(?<!emit-)(?:index-url|find-links|trusted-host)[ =]"
)


def hosts(source: Source) -> Iterator[str]:
    """Other machines that a page names. Scripts of others are left out: their comments name their homes."""
    if source.path.endswith(PAGES) and not ("/vendor/" in source.path and source.path.endswith(".js")):
        named = (
            match.rsplit(":", 1)[0] if match[-1].isdigit() and ":" in match else match
            for match in HOST.findall(source.text)
        )
        yield from (host for host in named if host not in LOCAL and host not in LINKS)


def private(source: Source) -> Iterator[str]:
    """What belongs to one machine only."""
    lines = (f"{number}: {line}" for number, line in enumerate(source.lines, 1) if PRIVATE.search(line))
    yield from () if source.path == "tests/house/test_addresses.py" else lines


def test_pages_name_no_other_machine() -> None:
    faults = [f"{source.path}: {host}" for source in all_files() if source.within(*FOLDERS) for host in hosts(source)]
    assert faults == []


def test_no_file_names_somebodys_machine() -> None:
    assert [f"{source.path}:{line}" for source in all_files() for line in private(source)] == []


@pytest.mark.parametrize(
    "text",
    [
        '<script src="//cdn.example.com/a.js">',
        "<a href=https://example.com>",
        "@import 'https://fonts.example.com/css'",
        'url("//fonts.example.com/f.woff")',
        "http://example.com:8080/",
    ],
)
def test_another_machine_is_found(text: str) -> None:
    assert len(list(hosts(Source("templates/console/base.html", text)))) == 1


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8000/console", 'xmlns="http://www.w3.org/2000/svg"', "// a comment"]
)
def test_this_machine_is_not(text: str) -> None:
    assert list(hosts(Source("templates/console/base.html", text))) == []


@pytest.mark.parametrize(
    "text", ["in /home/li/notes", "--index-url=x", "https://index.example.org/simple", "cp /tmp/mine/a .", "`/root/x`"]
)
def test_a_private_place_is_found(text: str) -> None:
    assert list(private(Source("docs/operations.md", text)))


@pytest.mark.parametrize(
    "text", ["--no-emit-index-url", "/hooks/wechat", "/var/lib/quanfu", 'dir="/tmp"', "{{ a }}/home/"]
)
def test_a_public_place_is_not(text: str) -> None:
    assert list(private(Source("docs/operations.md", text))) == []
