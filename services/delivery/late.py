"""Replies that could not go out wait; they are given with the client's next message."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.vocabulary import DeliveryState
from services.delivery.submission import Route, Submitted
from storage.repositories import deliveries
from storage.repositories.inbox import Work
from storage.unit import Unit


def given(unit: Unit, work: Work, route: Route, now: datetime) -> list[Submitted]:
    """What waited in a conversation whose client has written, to be said in the answer; the pump tries the rest now."""
    if route is Route.DIRECT:
        return []
    inside = route is Route.PASSIVE
    carried = deliveries.carry(unit, work.conversation.id, work.inbox_id, now) if inside else []
    for delivery_id in deliveries.wake(unit, work.conversation.id, now):
        unit.announce("deliver", delivery_id)
    return [Submitted(one.id, DeliveryState.SENDING, one.text, one.options, new=False) for one in carried]


def shortened(unit: Unit, waiting: Sequence[Submitted], submitted: Sequence[Submitted]) -> list[Submitted]:
    """What waited, with only the last list of options in the whole answer left: a number means that one."""
    listed = [one for one in [*waiting, *submitted] if one.options]
    return [one if one in listed[-1:] or not one.options else _bare(unit, one) for one in waiting]


def _bare(unit: Unit, one: Submitted) -> Submitted:
    """Without its list, which has a line for each option."""
    text = "\n".join(one.text.split("\n")[: -len(one.options)])
    deliveries.retell(unit, one.delivery_id, text)
    return replace(one, text=text)
