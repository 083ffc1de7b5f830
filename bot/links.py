"""Addresses in texts. One on a line of its own behind its title is a card, where a platform draws cards."""

import re
from collections.abc import Collection, Iterator

from bot.messages import Card

_TITLE = 40
"""Signs; platforms take some 128 bytes."""

_ADDRESS = r"https://(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::[0-9]{1,5})?(?:[/?#][!-~]{0,500})?"
"""No name or password before the host, and nothing that a browser would read as another host than we do."""

_CARD = re.compile(rf"^(?=\S)(?P<title>(?:(?!//).){{1,{_TITLE}}}?)[:\uff1a]?[ \u3000]+(?P<url>{_ADDRESS})$", re.M)
_INLINE = re.compile(rf"{_ADDRESS}(?<![.,;:!?)\]'\"])")
_ANY = re.compile(r"(?:https?://|www\.)[!-~]*", re.I)
_AFTER = ".,;:!?)]'\""
_GAP = re.compile(r"\n{3,}")


def carded(text: str) -> tuple[str, Card | None]:
    """The text without the first line that is a card, and the card; as it is where nothing else would be left."""
    found = _CARD.search(text)
    rest = _GAP.sub("\n\n", text[: found.start()] + text[found.end() + 1 :]).strip() if found else ""
    return (rest, _card(found)) if found and rest else (text, None)


def pieces(text: str) -> Iterator[str | Card]:
    """The text in order, cut where an address stands; each of those with its title, or with itself as one."""
    end = 0
    for found in re.finditer(rf"{_CARD.pattern}|{_INLINE.pattern}", text, re.M):
        yield text[end : found.start()]
        yield _card(found) if found["url"] else Card(found[0], found[0])
        end = found.end()
    yield text[end:]


def foreign(text: str, hosts: Collection[str]) -> str | None:
    """The first address that is no https or leads to none of these hosts or what is below them; any host, if none."""
    addresses = (found[0].rstrip(_AFTER) for found in _ANY.finditer(text))
    return next((one for one in addresses if not _leads_to(one, hosts)), None)


def _leads_to(address: str, hosts: Collection[str]) -> bool:
    if not re.fullmatch(_ADDRESS, address):
        return False
    host = re.split("[/:?#]", address.removeprefix("https://"))[0].lower()
    return not hosts or any(host == one or host.endswith(f".{one}") for one in hosts)


def _card(found: re.Match[str]) -> Card:
    return Card(found["title"], found["url"])
