"""What a channel and a chat offer for one message, as the gate judges it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.channels.base import Capabilities
from bot.links import carded
from bot.messages import Outgoing
from bot.splitting import fits
from bot.vocabulary import NOTICES, PRIORITY, AddressFacts, ContentFacts, Purpose
from services.delivery.budget import budget, month_left
from storage.repositories.claims import URGENT
from storage.repositories.facts import ChatFacts


def registered(capabilities: Capabilities, purpose: Purpose, text_key: str, chat: ChatFacts | None) -> bool:
    """Whether a text may go as a form that the platform has registered; some need a consent that the chat has left."""
    if purpose not in NOTICES or text_key not in capabilities.registered:
        return False
    form = capabilities.consented.get(text_key)
    return form is None or (chat is not None and chat.notices.get(form, 0) > 0)


def groupable(capabilities: Capabilities, content: ContentFacts, broadcast_id: int | None) -> bool:
    """Whether a text may go to many at once: it is a broadcast's, can wait, names nobody, and fits one message."""
    urgent = PRIORITY[content.purpose] <= URGENT
    if capabilities.group is None or broadcast_id is None or content.personal or urgent:
        return False
    return fits(content.text, capabilities.longest_text)


def linked(outgoing: Outgoing, media: Collection[str]) -> Outgoing:
    """With the text's link as a card below it, where cards are shown; elsewhere the address stays in the text."""
    if "card" not in media or outgoing.form is not None:
        return outgoing
    text, card = carded(outgoing.text)
    return replace(outgoing, text=text, enclosed=(*outgoing.enclosed, card)) if card else outgoing


def address_facts(capabilities: Capabilities, chat: ChatFacts | None, now: datetime) -> AddressFacts:
    """A chat as the gate sees it; without a chat's own facts its window is not judged."""
    window = capabilities.window if chat else None
    if chat is not None and not capabilities.proactive:
        return AddressFacts(
            reachable=not chat.gone,
            personal_allowed=capabilities.personal_data_allowed,
            has_window=True,
            window_left=0,
            month_left=month_left(capabilities, chat, now),
        )
    if chat is None or window is None:
        return AddressFacts(
            reachable=chat is None or not chat.gone,
            personal_allowed=capabilities.personal_data_allowed,
            month_left=month_left(capabilities, chat, now) if chat else 0,
            needs_staff=capabilities.needs_staff_confirmation,
        )
    left = budget(capabilities, chat, now)
    return AddressFacts(
        reachable=not chat.gone,
        personal_allowed=capabilities.personal_data_allowed,
        has_window=True,
        window_until=left.until,
        window_left=left.messages,
        window_kept=left.kept,
        month_left=month_left(capabilities, chat, now),
    )
