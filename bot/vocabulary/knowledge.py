"""How far an edition of an entry has come."""

from enum import StrEnum


class EditionState(StrEnum):
    """From the first draft to the end; clients are answered from what is published."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    REPLACED = "replaced"
    RETIRED = "retired"


TRANSITIONS: dict[EditionState, frozenset[EditionState]] = {
    EditionState.DRAFT: frozenset({EditionState.REVIEWED, EditionState.RETIRED}),
    EditionState.REVIEWED: frozenset({EditionState.DRAFT, EditionState.PUBLISHED, EditionState.RETIRED}),
    EditionState.PUBLISHED: frozenset({EditionState.REPLACED, EditionState.RETIRED}),
    EditionState.REPLACED: frozenset(),
    EditionState.RETIRED: frozenset(),
}
"""Which state may follow which; any edit leads back to the draft, so that it has to be reviewed anew."""

OPEN = frozenset({EditionState.DRAFT, EditionState.REVIEWED})
"""Still being worked on; an entry has at most one such edition."""


def before(target: EditionState) -> frozenset[EditionState]:
    """The states that `target` may follow."""
    return frozenset(state for state, following in TRANSITIONS.items() if target in following)
