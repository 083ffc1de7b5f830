"""Checks of what the bot sends: text, markup and buttons; refuses what the Bot API refuses."""

from collections.abc import Iterator

from tests.doubles.ledger import Button
from tests.doubles.payload import Malformed, Payload
from tests.doubles.telegram.html import Parsed, parse_html, utf16_length
from tests.doubles.telegram.state import Refusal

LONGEST_TEXT = 4096
LONGEST_DATA = 64


def visible_text(given: Payload) -> Parsed:
    """The text after entity parsing; Refusal 400 when empty, too long or unparsable. Markdown is not imitated."""
    mode = given.text("parse_mode").lower()
    if mode not in ("", "html"):
        raise Refusal(400, "Bad Request: unsupported parse_mode")
    source = given.text("text")
    parsed = parse_html(source) if mode else Parsed(source, [])
    if not parsed.text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if utf16_length(parsed.text.strip()) > LONGEST_TEXT:
        raise Refusal(400, "Bad Request: message is too long")
    return Parsed(parsed.text if parsed.entities else parsed.text.strip(), parsed.entities)


def markup_of(given: Payload) -> tuple[dict[str, object], tuple[Button, ...]]:
    """The reply markup as sent and its buttons; Refusal 400 for what no client could draw or press."""
    try:
        markup = given.inner("reply_markup")
        rows = [*_rows(markup, "inline_keyboard"), *_rows(markup, "keyboard")]
    except Malformed as error:
        raise Refusal(400, "Bad Request: can't parse reply keyboard markup JSON object") from error
    return dict(markup.fields), tuple(_button(cell) for cell in rows)


def _rows(markup: Payload, name: str) -> Iterator[Payload]:
    for row in markup.listed(name):
        yield from Payload({"cells": row}).rows("cells")


def _button(cell: Payload) -> Button:
    label = cell.text("text")
    if not label:
        raise Refusal(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed")
    if cell.has("callback_data") and not 1 <= len(cell.text("callback_data").encode()) <= LONGEST_DATA:
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return Button(label, cell.text("callback_data") or cell.text("url"))
