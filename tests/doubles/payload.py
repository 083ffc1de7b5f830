"""Typed reading of what a client library sent: JSON bodies, forms with JSON inside, query strings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request


class Malformed(Exception):
    """A field that should hold JSON of a certain shape does not."""


@dataclass(frozen=True)
class Payload:
    """The parameters of a call; absent and null are the same."""

    fields: Mapping[str, object]

    def has(self, name: str) -> bool:
        """Whether the field is given."""
        return self.fields.get(name) is not None

    def text(self, name: str) -> str:
        """The field as a string, numbers included; "" when absent."""
        value = self.fields.get(name)
        return "" if value is None or isinstance(value, dict | list) else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """The field as a whole number, also from a form; the default when absent or not a number."""
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """The field as yes or no, also from a form."""
        return self.text(name).lower() in ("true", "1")

    def inner(self, name: str) -> "Payload":
        """A nested object; empty when absent."""
        value = self._decoded(name)
        if value is not None and not isinstance(value, dict):
            raise Malformed(name)
        return Payload(value or {})

    def rows(self, name: str) -> list["Payload"]:
        """A list of objects; empty when absent."""
        return [_object(item) for item in self.listed(name)]

    def listed(self, name: str) -> list[object]:
        """A list of anything; empty when absent."""
        value = self._decoded(name)
        if value is not None and not isinstance(value, list):
            raise Malformed(name)
        return value or []

    def _decoded(self, name: str) -> object:
        value = self.fields.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise Malformed(name) from error


def _object(item: object) -> Payload:
    if not isinstance(item, dict):
        raise Malformed(str(item))
    return Payload(item)


async def read_payload(request: Request) -> Payload:
    """Query string and body together; the body may be JSON, urlencoded or multipart."""
    fields: dict[str, object] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if "form" in kind:
        async with request.form() as form:
            fields |= {name: _plain(value) for name, value in form.items()}
    elif body := await request.body():
        fields |= _object(json_value(body)).fields
    return Payload(fields)


def json_value(body: bytes) -> object:
    """The body as JSON; Malformed when it is not."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise Malformed("body") from error


def _plain(value: UploadFile | str) -> str:
    return value if isinstance(value, str) else value.filename or ""
