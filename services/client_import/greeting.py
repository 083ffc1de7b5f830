"""How a client is greeted whose table does not say so."""

from bot.vocabulary import Gender
from services.client_import.columns import SEED
from services.masking import surname
from storage import seeds

_DOT = "\u00b7"


def salutation(name: str, gender: Gender) -> str:
    """By the surname where a name surely begins with one, else by the whole name."""
    words = seeds.read(SEED)["salutations"]
    pattern = words["latin" if name.isascii() else gender.value]
    whole = _DOT in name or " " in name
    return str(pattern.format(name=name, surname=name if whole else surname(name)))
