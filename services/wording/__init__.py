"""The check of wording before anything goes out. Pure: no database."""

from services.wording.check import RISK_NOTICE, STOCK_AND_DIRECTION, Hit, Verdict, Wording
from services.wording.lexicon import Decision, Lexicon, packaged_lexicon

__all__ = [
    "RISK_NOTICE",
    "STOCK_AND_DIRECTION",
    "Decision",
    "Hit",
    "Lexicon",
    "Verdict",
    "Wording",
    "packaged_lexicon",
]
