"""The staff's web: server-rendered pages, one module per noun, over the services."""

from console.context import Account, Console
from console.site import pages

__all__ = ["Account", "Console", "pages"]
