"""What a question back offers."""

import pytest

from services.knowledge.decision import Group, Heard, asked_back
from services.knowledge.kinds import Kind
from services.knowledge.outcome import Finding, Outcome, Scored
from services.knowledge.ranking import Ranking

SIDES = Group(frozenset({"in", "out", "fail"}), frozenset(), ("转入", "转出"))
DECIDED = Finding(Outcome.ANSWERED, (Scored("in", 0.8),))


def offered(*ranked: tuple[str, float], joined: bool = True, said: bool = False) -> Finding:
    heard = Heard(Ranking(ranked, 0.5, 1.0, 1.0, 6), Kind({"question": 1.0, "complaint": 0.0}), joined)
    return asked_back(DECIDED, heard, (SIDES,), lambda _: said)


def test_entries_of_the_group_that_come_close_are_offered_with_their_share_of_the_confidence() -> None:
    found = offered(("in", 0.6), ("out", 0.3), ("fees", 0.06), ("fail", 0.001))
    assert found == Finding(Outcome.CLARIFY, (Scored("in", 0.8), Scored("out", 0.4)))


def test_an_outsider_that_ranks_before_the_second_is_offered_too() -> None:
    ranked = (("in", 0.6), ("fees", 0.2), ("out", 0.1), ("fail", 0.05))
    assert [each.entry_id for each in offered(*ranked).entries] == ["in", "fees", "out"]
    assert [each.entry_id for each in offered(*ranked, joined=False).entries] == ["in", "out", "fail"]


def test_behind_two_outsiders_one_word_would_not_decide() -> None:
    assert offered(("in", 0.5), ("fees", 0.2), ("hours", 0.2), ("out", 0.1)) is DECIDED


@pytest.mark.parametrize("ranked", [(("in", 0.9), ("fees", 0.1)), (("fees", 0.9), ("in", 0.1), ("out", 0.1))])
def test_without_a_second_of_the_best_ones_group_nothing_is_asked(ranked: tuple[tuple[str, float], ...]) -> None:
    assert offered(*ranked) is DECIDED
    assert offered(*ranked, joined=False) is DECIDED


def test_who_said_the_word_is_not_asked_for_it() -> None:
    assert offered(("in", 0.6), ("out", 0.3), said=True) is DECIDED
