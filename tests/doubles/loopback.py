"""The HTTP client of the doubles: loopback only, no proxy, no certificate store to load."""

import ssl

import httpx


def loopback_client(base_url: str = "", patience: float = 5.0) -> httpx.AsyncClient:
    """A client with one time-out for everything, in real seconds."""
    # A bare context trusts nobody; it is ten times quicker to make than one with the system's certificates.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(base_url=base_url, timeout=patience, trust_env=False, verify=context)
