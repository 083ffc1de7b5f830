"""Segments: who a condition means in words and numbers, and the named ones that broadcasts and care use."""

from services.segments.figures import breakdown, count, overlap
from services.segments.lookup import looked_up, read, stands
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
    "condition_of",
    "count",
    "looked_up",
    "overlap",
    "preview",
    "read",
    "readable",
    "stands",
    "trend",
    "uses",
]
