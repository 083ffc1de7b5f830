"""The business rules, one module or package per noun.

Services are frozen data classes built once by the composition root, or plain functions; what they change they change
through the `Unit` handed to them. Handlers see them as one `Services`.
"""

from dataclasses import dataclass

from services.rules import Rules


@dataclass(frozen=True)
class Services:
    """Everything a handler may use."""

    rules: Rules


__all__ = ["Rules", "Services"]
