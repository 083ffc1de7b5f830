"""How the channels keep their connections to the platforms."""

import aiohttp

IDLE = 4.0
"""Seconds after which an unused connection is not used again.

Servers and proxies close theirs after 5 or more without a word. What is written at that very moment may have been read
or not: such a message is uncertain, and a new connection costs less than that.
"""


def pool(limit: int, idle: float = IDLE) -> aiohttp.TCPConnector:
    """At most so many connections at once."""
    return aiohttp.TCPConnector(limit=limit, keepalive_timeout=idle)
