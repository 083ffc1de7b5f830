"""Segments: who a condition means in words and numbers, and the named ones that broadcasts and care use."""

from services.segments.choices import choices, parsed
from services.segments.figures import breakdown, count, overlap
from services.segments.lookup import frozen, looked_up, read, stands
from services.segments.previews import SAMPLE, Preview, Shown, Wanted, preview
from services.segments.register import Imported, Register, Uses, condition_of, readable, uses
from services.segments.sentences import Sentences
from services.segments.trends import trend

__all__ = [
    "SAMPLE",
    "Imported",
    "Preview",
    "Register",
    "Sentences",
    "Shown",
    "Uses",
    "Wanted",
    "breakdown",
    "choices",
    "condition_of",
    "count",
    "frozen",
    "looked_up",
    "overlap",
    "parsed",
    "preview",
    "read",
    "readable",
    "stands",
    "trend",
    "uses",
]
