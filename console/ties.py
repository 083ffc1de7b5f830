"""Whose a chat is in which nothing that its client writes reaches us, as far as a code told."""

from console.visits import Visit
from services import dialogs
from storage.repositories import bindings
from storage.repositories.conversations import Conversation
from storage.unit import Unit


def is_deaf(visit: Visit, conversation: Conversation) -> bool:
    """Whether nothing that the client writes there reaches us."""
    chat = conversation.addressee
    capabilities = visit.console.capabilities.get((chat.channel, chat.account))
    return capabilities is not None and not capabilities.hears


def code_of(visit: Visit, conversation: Conversation) -> int | None:
    """The bind code that such a chat came with, while it lasts."""
    kept = dialogs.recall(conversation, dialogs.BINDING, visit.console.clock.now()) or {}
    return kept.get("code")


def client_of(visit: Visit, unit: Unit, conversation: Conversation) -> str | None:
    """The number of the client whose code it came with, empty without one; None where there is nothing to tie."""
    if conversation.client_id is not None or not is_deaf(visit, conversation):
        return None
    code_id = code_of(visit, conversation)
    return (bindings.client_number(unit, code_id) or "") if code_id is not None else ""
