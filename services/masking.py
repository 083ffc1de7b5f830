"""Names and numbers as those see them who need not know them in full."""

import re

from storage import seeds

_LATIN_SHOWN = 4

MASK = "#"
_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<!\d)\d(?:[ -]?\d){6,}[xX]?"  # telephones, cards, accounts, identity cards; a security's code is shorter
)


def name(full: str) -> str:
    """The surname and two stars, whatever the name's length; of a Latin name the first four letters and three stars."""
    if not full or full.isascii():
        return f"{full[:_LATIN_SHOWN]}***" if full else ""
    return f"{surname(full)}**"


def surname(full: str) -> str:
    """The surname of a Chinese name: one sign, or two where they are a compound surname."""
    return full[:2] if full[:2] in seeds.read("compound_surnames.yaml") and len(full) > 2 else full[:1]


def numbers(text: str) -> str:
    """A text for another's server: numbers of seven digits and more, and mail addresses, are one sign each."""
    return _PERSONAL.sub(MASK, text)
