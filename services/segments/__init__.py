"""Segments: who a condition means in words and numbers, and the named ones that broadcasts and care use."""

from services.segments.previews import SAMPLE, Preview, Shown, Wanted, preview
from services.segments.sentences import Sentences

__all__ = ["SAMPLE", "Preview", "Sentences", "Shown", "Wanted", "preview"]
