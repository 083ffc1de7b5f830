"""Names of environment variables: which are ours, and which one a wrong name was most likely meant to be."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from pydantic import BaseModel
from pydantic.fields import FieldInfo

PREFIX, NESTED = "QUANFU_", "__"
OF_COMMANDS = frozenset({"QUANFU_PASSWORD", "QUANFU_CODE"})
"""What scripts tell commands; no settings."""

_OF_KUBERNETES = re.compile(r".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)")
"""Added to every container for each service of its namespace, and so for one whose name begins with ours."""
_PLACE_OF_KUBERNETES = re.compile("(tcp|udp|sctp)://")
_ALIKE = 0.7


def known(model: type[BaseModel], prefix: str = PREFIX) -> Iterator[str]:
    """The variable of every setting."""
    for name, field in model.model_fields.items():
        inner, here = field.annotation, f"{prefix}{name.upper()}"
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from known(inner, f"{here}{NESTED}")
        else:
            yield here


def unknown(model: type[BaseModel], environment: Mapping[str, str]) -> Iterator[str]:
    """Variables with our prefix that nobody reads; names within a group are the group's own to refuse."""
    for name, value in environment.items():
        variable = name.upper()
        if variable.startswith(PREFIX) and variable not in OF_COMMANDS and not _of_kubernetes(variable, value):
            head, _, rest = variable.removeprefix(PREFIX).lower().partition(NESTED)
            field = model.model_fields.get(head)
            if field is None or (rest and not _holds_others(field)):
                yield variable


def nearest(name: str, names: Sequence[str]) -> str | None:
    """Which of `names` is like a wrong one; None where none is."""
    bare = {one.removeprefix(PREFIX): one for one in names}
    found = get_close_matches(name.removeprefix(PREFIX), list(bare), n=1, cutoff=_ALIKE)
    return bare[found[0]] if found else None


def _holds_others(field: FieldInfo) -> bool:
    return not isinstance(field.annotation, type) or issubclass(field.annotation, BaseModel | dict)


def _of_kubernetes(variable: str, value: str) -> bool:
    if variable.endswith("_PORT") and _PLACE_OF_KUBERNETES.match(value):
        return True
    return bool(_OF_KUBERNETES.fullmatch(variable))
