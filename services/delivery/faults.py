"""Faults nobody foresaw, reported so that they can be found and give nothing away."""

import logging
import secrets
import traceback

log = logging.getLogger(__name__)


def report(what: str, error: Exception) -> str:
    """Log kind and place of a fault under a number, which is returned; its message may hold personal data."""
    number = secrets.token_hex(4)
    place = "".join(traceback.format_tb(error.__traceback__)[-4:])
    log.error("fault %s: %s ended in %s\n%s", number, what, type(error).__name__, place)
    return number
