"""Enums and value objects of the field; standard library only."""

from bot.vocabulary.locale import Locale

__all__ = ["Locale"]
