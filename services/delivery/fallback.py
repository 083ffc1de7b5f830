"""The next channel: where a message goes on that cannot go by the one chosen first (ADR 0014).

Only what has certainly not gone out moves, in the transaction that says so; a message in doubt stays where it is.
At the new chat everything is judged anew.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.vocabulary import DeliveryState
from services.delivery.submit import Delivery
from storage.repositories import broadcasts, deliveries, fanout, tries
from storage.repositories.claims import Result, Screened
from storage.repositories.fanout import Reachable
from storage.repositories.tries import TAKEN, Move, Standing, Stuck, held_by
from storage.unit import Unit

FOR_GOOD = frozenset({"unreachable", "privacy", "gone", "gave_up"})
"""Reasons why a message never goes by a chat: it leaves, if need be for one where it has to wait."""

FOR_NOW = frozenset({"window", "monthly", "quota"})
"""Reasons why it can't go there now: it leaves only for a chat that takes it at once and was not tried yet."""

RULES = FOR_GOOD | FOR_NOW

REPORTED = "reported"
"""The platform took it and failed; of the same message under the same name it would say that it came twice."""

TOLD = frozenset({REPORTED, "gone", "mass_limit", "unconfirmed"})
"""Failures told later of which nothing reached the client: the message never goes by that chat again."""


def reroute(
    unit: Unit, delivery: Delivery, decided: Sequence[Screened]
) -> tuple[Sequence[Screened], Mapping[int, Move]]:
    """What the gate decided, with those that go on elsewhere merely held, and where they go."""
    moves = _moves(unit, delivery, {row.id: row.rule for row in decided if row.rule in RULES})
    if not moves:
        return decided, moves
    held = {"state": DeliveryState.PENDING, "not_before": None}
    return [replace(row, **held) if row.id in moves else row for row in decided], moves  # type: ignore[arg-type]


def divert(unit: Unit, delivery: Delivery, results: Sequence[Result], holder: str, now: datetime) -> Collection[int]:
    """Move what a platform has refused for certain; `record` finds such rows moved, and leaves them alone."""
    held = {result.id: result.rule for result in results if result.rule in RULES and not result.doubted}
    errors = {result.id: result.error for result in results if result.id in held}
    moves = _moves(unit, delivery, held)
    gone = [replace(move, error=errors[move.delivery_id]) for move in moves.values()]
    go(unit, gone, held_by(holder), now)
    return moves.keys()


def told(unit: Unit, delivery: Delivery, ids: Collection[int], why: tuple[str, str], now: datetime) -> Collection[int]:
    """Move what a platform took and failed to deliver, by the rule and the answer in `why`; those that go on."""
    rule, error = why
    moves = _moves(unit, delivery, dict.fromkeys(ids, rule) if rule in TOLD else {})
    if moves:
        go(unit, [replace(move, error=error or None) for move in moves.values()], TAKEN, now)
        broadcasts.reopen(unit, moves.keys())
        deliveries.cancel_stopped(unit, moves.keys(), now)
    return moves.keys()


def leave(unit: Unit, delivery: Delivery, ids: Collection[int], rule: str, now: datetime) -> None:
    """Move what nobody holds and what can't go out where it is."""
    go(unit, list(_moves(unit, delivery, dict.fromkeys(ids, rule)).values()), held_by(None), now)


def go(unit: Unit, moves: Collection[Move], standing: Standing, now: datetime) -> None:
    """Make the moves of what still stands so, and wake the lanes they lead to."""
    tries.move(unit, moves, standing, now)
    for move in list(moves)[:1]:  # any hint wakes all lanes
        unit.announce("deliver", move.delivery_id)


def _moves(unit: Unit, delivery: Delivery, held: Mapping[int, str | None]) -> dict[int, Move]:
    """Where each of the deliveries that a rule holds goes on; those that stay are left out."""
    if not held:
        return {}
    alike: dict[tuple[str, frozenset[str]], list[Stuck]] = {}
    for one in tries.stuck(unit, held):
        alike.setdefault((one.text_key, one.personal), []).append(one)
    found: dict[int, Move] = {}
    for content, several in alike.items():
        chats = fanout.reachable(unit, {one.client_id for one in several}, delivery.ways(*content))
        for one in several:
            rule = held[one.id] or ""
            if to := _next(one, rule, chats.get(one.client_id, ())):
                found[one.id] = Move(one.id, rule, to.chat)
    return found


def _next(one: Stuck, rule: str, chats: Sequence[Reachable]) -> Reachable | None:
    """The best chat left. Each has one chance, and a second one where it only had to wait and nothing else is left."""
    tried = {each.account_id for each in one.tried}
    lost = {each.account_id for each in one.tried if each.rule in FOR_GOOD | TOLD}
    spent = {each.place for each in one.tried if each.rule == REPORTED} | ({one.place} if rule == REPORTED else set())
    others = [each for each in chats if each.chat.account_id != one.account_id and each.chat.place not in spent]
    if rule in FOR_NOW:
        return next((each for each in others if each.open and each.chat.account_id not in tried), None)
    return next((each for each in others if each.chat.account_id not in lost), None)
