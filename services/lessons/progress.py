"""Which courses suit a client first, and what they have completed."""

from collections.abc import Collection

from services.lessons.library import Course, Lesson, Library
from storage.repositories import lessons as rows
from storage.repositories import preferences
from storage.repositories.lessons import Completion
from storage.unit import Unit

__all__ = ["Completion", "complete", "completed", "courses_for", "next_lesson"]


def courses_for(unit: Unit, library: Library, client_id: int | None) -> list[Course]:
    """All courses, those on a subject that the client chose for themselves first."""
    if client_id is None:
        return list(library.courses)
    liked = set(preferences.of(unit, client_id).interests)
    return sorted(library.courses, key=lambda course: liked.isdisjoint(course.interests))


def completed(unit: Unit, client_id: int | None) -> frozenset[str]:
    """The lessons that a client has completed; of an unlinked chat none are kept."""
    return frozenset() if client_id is None else frozenset(rows.completed(unit, client_id))


def next_lesson(library: Library, lesson: Lesson, done: Collection[str] | None) -> Lesson | None:
    """What to offer after a lesson: the first of its course that is not done, those behind it before earlier ones.

    Where nobody knows what is done (None), the one behind it. None: there is no other.
    """
    own = library.of(library.course_of(lesson))
    place = own.index(lesson)
    if done is None:
        return next(iter(own[place + 1 :]), None)
    return next((one for one in (*own[place + 1 :], *own[:place]) if one.id not in done), None)


def complete(unit: Unit, result: Completion) -> None:
    """Keep that a client completed a lesson; the best result stays."""
    rows.complete(unit, result)
