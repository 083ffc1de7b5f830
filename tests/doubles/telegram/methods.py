"""The methods of the Bot API that the double knows, apart from sending messages."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from tests.doubles.payload import Malformed, Payload
from tests.doubles.telegram.feed import Poll, Webhook
from tests.doubles.telegram.messages import edit_message_reply_markup, edit_message_text, send_file, send_message
from tests.doubles.telegram.state import Refusal

if TYPE_CHECKING:
    from tests.doubles.telegram.double import TelegramDouble

Method = Callable[["TelegramDouble", Payload], Awaitable[object]]
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MOST_COMMANDS = 100
LARGEST_FILE = 20_000_000


async def get_me(double: "TelegramDouble", given: Payload) -> object:
    """The bot's own account."""
    return double.state.bot.as_person() | {
        "can_join_groups": double.state.bot.joins_groups,
        "supports_inline_queries": False,
    }


async def get_updates(double: "TelegramDouble", given: Payload) -> object:
    """Long poll; `allowed_updates` is remembered until it is given again."""
    if given.has("allowed_updates"):
        double.feed.allowed = _names(given)
    return await double.feed.take(Poll(given.integer("offset"), given.integer("limit", 100), given.integer("timeout")))


async def set_webhook(double: "TelegramDouble", given: Payload) -> object:
    """Plain http is taken, as a local Bot API server does; an empty address removes the webhook."""
    url, secret = given.text("url"), given.text("secret_token")
    if url and not url.startswith(("https://", "http://")):
        raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not _SECRET.fullmatch(secret):
        raise Refusal(400, "Bad Request: secret token contains unallowed characters")
    if given.has("allowed_updates"):
        double.feed.allowed = _names(given)
    return _point_webhook(double, given, Webhook(url, secret))


async def delete_webhook(double: "TelegramDouble", given: Payload) -> object:
    """Back to polling."""
    return _point_webhook(double, given, Webhook())


def _point_webhook(double: "TelegramDouble", given: Payload, hook: Webhook) -> object:
    if given.flag("drop_pending_updates"):
        double.feed.pending.clear()
    double.feed.webhook = hook
    double.feed.bell.ring()
    return True


async def get_webhook_info(double: "TelegramDouble", given: Payload) -> object:
    """Address, backlog and the last error."""
    hook = double.feed.webhook
    info: dict[str, object] = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(double.feed.pending),
    }
    error = {"last_error_message": hook.last_error, "last_error_date": hook.failed_at}
    return info | (error if hook.last_error else {})


async def answer_callback_query(double: "TelegramDouble", given: Payload) -> object:
    """Each query can be answered once."""
    number = given.text("callback_query_id")
    if double.state.queries.get(number, "") is not None:
        words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
        raise Refusal(400, words)
    double.state.queries[number] = given.text("text")
    return True


async def send_chat_action(double: "TelegramDouble", given: Payload) -> object:
    """Noted in `state.actions`; nothing a client keeps."""
    chat = double.state.reachable(given.integer("chat_id"))
    double.state.actions.append((chat.id, given.text("action")))
    return True


async def set_my_commands(double: "TelegramDouble", given: Payload) -> object:
    """Kept by scope and language code ("" is every language without a list of its own)."""
    commands = [(row.text("command"), row.text("description")) for row in given.rows("commands")]
    if len(commands) > MOST_COMMANDS:
        raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    if not all(_COMMAND.fullmatch(name) for name, _ in commands):
        raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
    listed = [{"command": name, "description": words} for name, words in commands]
    scope = given.inner("scope").text("type") or "default"
    double.state.bot.commands[scope, given.text("language_code")] = listed
    return True


async def get_file(double: "TelegramDouble", given: Payload) -> object:
    """Where to download a file that a client sent."""
    file_id = given.text("file_id")
    if file_id not in double.state.files:
        raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    size = len(double.state.files[file_id])
    if size > LARGEST_FILE:
        raise Refusal(400, "Bad Request: file is too big")
    return {"file_id": file_id, "file_unique_id": file_id, "file_size": size, "file_path": f"files/{file_id}"}


def _names(given: Payload) -> list[str]:
    try:
        return [str(name) for name in given.listed("allowed_updates")]
    except Malformed as error:
        raise Refusal(400, "Bad Request: can't parse allowed_updates JSON object") from error


METHODS: Mapping[str, Method] = {
    "getme": get_me,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "sendphoto": partial(send_file, field="photo"),
    "senddocument": partial(send_file, field="document"),
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "setmycommands": set_my_commands,
    "getfile": get_file,
}
