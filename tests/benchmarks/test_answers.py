"""What is made of the answers that engines give, and the engine that compares by edit distance."""

from benchmarks.answers import ROUNDS, Asked, answered, share
from benchmarks.figures import at
from benchmarks.peers import edit_distance
from services.knowledge.evaluate import Question

FIRST, SECOND = Question("怎么开户", frozenset({"open"})), Question("几点收盘", frozenset({"hours", "holiday"}))


def test_every_question_is_asked_in_every_round() -> None:
    asked = answered(lambda text: [text], [FIRST, SECOND])
    assert [each.question for each in asked] == [FIRST, SECOND] * ROUNDS
    assert [each.found for each in asked[:4]] == [["怎么开户"], ["几点收盘"], ["怎么开户 "], ["几点收盘 "]]


def test_who_needs_all_the_time_is_asked_once() -> None:
    assert len(answered(lambda text: [text], [FIRST, SECOND], patience=0.0)) == 1


def test_a_question_counts_when_any_of_its_entries_is_among_the_places() -> None:
    asked = [Asked(FIRST, ["close", "open"], 0, 0), Asked(SECOND, ["holiday"], 0, 0), Asked(FIRST, [], 0, 0)]
    assert (share(asked, 1), share(asked, 3)) == (0.333, 0.667)


def test_a_percentile_is_told_in_milliseconds() -> None:
    waited = [each / 1000 for each in range(200, 0, -1)]
    assert (at(waited, 50), at(waited, 99), at([0.0015], 99)) == (101.0, 199.0, 1.5)


def test_the_nearest_wording_of_an_entry_decides() -> None:
    known = [("open", "怎么开户"), ("close", "怎么销户"), ("open", "注销"), ("hours", "几点收盘"), ("fee", "佣金")]
    ask = edit_distance.build(known)
    assert ask("怎么开个户")[:2] == ["open", "close"]
    assert len(ask("怎么开个户")) == 3
