"""The XML of pushes and passive replies."""

from xml.parsers.expat import ExpatError

import xmltodict


class BadXml(Exception):
    """Not one well-formed `<xml>` element."""


def write_xml(fields: dict[str, object]) -> str:
    """Numbers bare, strings as CDATA, nested objects as elements, lists as repeated ones, as WeChat writes."""
    return f"<xml>{''.join(_element(name, value) for name, value in fields.items())}</xml>"


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, row) for row in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(_element(key, inner) for key, inner in value.items())}</{name}>"
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    safe = str(value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{safe}]]></{name}>"


def read_xml(text: str) -> dict[str, object]:
    """The children of the root; text keeps its white space."""
    try:
        root = xmltodict.parse(text, strip_whitespace=False).get("xml")
    except (ExpatError, ValueError) as error:
        raise BadXml(str(error)) from error
    if not isinstance(root, dict):
        raise BadXml("no <xml> root")
    return {str(name): value for name, value in root.items() if name != "#text"}
