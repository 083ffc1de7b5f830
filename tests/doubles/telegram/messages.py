"""Messages from the bot: sent, and their buttons changed later."""

from typing import TYPE_CHECKING

from tests.doubles.ledger import Button, Parcel
from tests.doubles.payload import Payload
from tests.doubles.telegram.sending import markup_of, visible_text
from tests.doubles.telegram.state import Refusal

if TYPE_CHECKING:
    from tests.doubles.telegram.double import TelegramDouble

Message = dict[str, object]


async def send_message(double: "TelegramDouble", given: Payload) -> object:
    """Checked in the platform's order: the chat, the text, the buttons, then flood control."""
    chat = double.state.reachable(given.integer("chat_id"))
    parsed = visible_text(given)
    markup, buttons = markup_of(given)
    double.rates.spend(chat.id, paying=given.flag("allow_paid_broadcast"))
    message: Message = {
        "message_id": next(double.state.message_ids),
        "from": double.state.bot.as_person(),
        "chat": chat.as_chat(),
        "date": int(double.clock.now().timestamp()),
        "text": parsed.text,
    }
    message |= {"entities": parsed.entities} if parsed.entities else {}
    if "keyboard" in markup:
        double.state.keyboards[chat.id] = markup
    return _deliver(double, _marked(message, markup), "sendMessage", buttons)


async def send_file(double: "TelegramDouble", given: Payload, field: str) -> object:
    """A picture or a file; Telegram wants a name, and shows pictures by their own."""
    chat = double.state.reachable(given.integer("chat_id"))
    if not given.text(field):
        raise Refusal(400, f"Bad Request: there is no {field} in the request")
    name = double.state.shown.get(given.text(field), given.text(field))
    if "." not in name:  # neither a file with its name nor the number of one
        raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
    double.rates.spend(chat.id, paying=given.flag("allow_paid_broadcast"))
    number = f"shown-{name.replace('.', '-')}"
    double.state.shown[number] = name
    size: Message = {"file_id": number, "file_unique_id": number}
    message: Message = {
        "message_id": next(double.state.message_ids),
        "chat": chat.as_chat(),
        "date": int(double.clock.now().timestamp()),
        "text": name,
        field: [size] if field == "photo" else size,
    }
    return _deliver(double, message, f"send{field.capitalize()}", ())


def _marked(message: Message, markup: Message) -> Message:
    """With this markup instead of the former; Telegram hands back inline keyboards only."""
    bare = {name: value for name, value in message.items() if name != "reply_markup"}
    return bare | ({"reply_markup": markup} if "inline_keyboard" in markup else {})


def _deliver(double: "TelegramDouble", message: Message, via: str, buttons: tuple[Button, ...]) -> Message:
    chat, number = _address(message)
    double.state.sent[chat, number] = message
    double.ledger.record(Parcel(str(chat), via, str(message["text"]), buttons, message_id=str(number)))
    return message


async def edit_message_text(double: "TelegramDouble", given: Payload) -> object:
    """The new text, with the new buttons or none; recorded as an arrival of its own."""
    message = _sent(double, given)
    parsed = visible_text(given)
    markup, buttons = markup_of(given)
    changed = _marked(message | {"text": parsed.text}, markup)
    if changed == message:
        raise _unchanged()
    return _deliver(double, changed, "editMessageText", buttons)


async def edit_message_reply_markup(double: "TelegramDouble", given: Payload) -> object:
    """New buttons, or none, under a message sent before."""
    message = _sent(double, given)
    markup, _ = markup_of(given)
    changed = _marked(message, markup)
    if changed == message:
        raise _unchanged()
    double.state.sent[_address(message)] = changed
    return changed


def _sent(double: "TelegramDouble", given: Payload) -> Message:
    chat = double.state.reachable(given.integer("chat_id"))
    found = double.state.sent.get((chat.id, given.integer("message_id")))
    if found is None:
        raise Refusal(400, "Bad Request: message to edit not found")
    return found


def _address(message: Message) -> tuple[int, int]:
    given = Payload(message)
    return given.inner("chat").integer("id"), given.integer("message_id")


def _unchanged() -> Refusal:
    words = (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
        " as a current content and reply markup of the message"
    )
    return Refusal(400, words)
