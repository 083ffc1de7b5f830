"""Names as those see them who need not know them in full."""

from storage import seeds

_LATIN_SHOWN = 4


def name(full: str) -> str:
    """The surname and two stars, whatever the name's length; of a Latin name the first four letters and three stars."""
    if not full or full.isascii():
        return f"{full[:_LATIN_SHOWN]}***" if full else ""
    surname = full[:2] if full[:2] in seeds.read("compound_surnames.yaml") and len(full) > 2 else full[:1]
    return f"{surname}**"
