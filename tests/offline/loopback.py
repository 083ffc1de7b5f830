"""Refuses every contact outside this machine, and writes down which test tried.

Works in the process of the tests and, through sitecustomize.py beside it, in every Python process they start.
Only the standard library is imported: it runs before anything else does. A path of a UNIX socket passes.
libpq is not seen: it goes where the test's database address points.
"""

import importlib.util
import os
import sys
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, NoReturn

LEDGER = "OUTSIDE_CONTACTS"
"""Environment variable with the file that gets a line per refused contact."""

CONTACTS = {"socket.connect": 1, "socket.sendto": 1}
"""Audit events that carry an address, and where."""

LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
"""Audit events whose first argument is a host name."""


class OutsideContact(RuntimeError):
    """Someone tried to reach another machine; no OSError, so that no retry takes it for a weak network."""


def is_local(host: object) -> bool:
    """Whether a host, as given to a lookup or connect, is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in ("", "localhost"):
        return True
    try:
        address = ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse(host: object) -> NoReturn:
    """Write the contact down and raise."""
    line = f"{os.environ.get('PYTEST_CURRENT_TEST', 'outside a test')} tried to reach {host!r}"
    if ledger := os.environ.get(LEDGER):
        with open(ledger, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    raise OutsideContact(line)


def watch(event: str, args: tuple[Any, ...]) -> None:
    """The audit hook: it hears of every connect and lookup that goes through Python's socket module."""
    if event in CONTACTS:
        address = args[CONTACTS[event]]
        if isinstance(address, tuple) and not is_local(address[0]):
            refuse(address[0])
    elif event in LOOKUPS and not is_local(args[0]):
        refuse(args[0])


def guarded(method: Callable[..., Any], position: int) -> Callable[..., Any]:
    """A method of uvloop's loop that looks at its host first: libuv raises no audit events."""

    def checked(loop: object, *args: Any, **kwargs: Any) -> Any:
        host = kwargs.get("host", args[position] if len(args) > position else None)
        if not is_local(host):
            refuse(host)
        return method(loop, *args, **kwargs)

    return checked


def install() -> None:
    """Watch this process from now on; it cannot be undone."""
    sys.addaudithook(watch)
    if importlib.util.find_spec("uvloop"):
        import uvloop

        for name, position in {"create_connection": 1, "getaddrinfo": 0}.items():
            setattr(uvloop.Loop, name, guarded(getattr(uvloop.Loop, name), position))
