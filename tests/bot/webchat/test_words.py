"""Every kind of message has a name on the page, in each language."""

import pytest

from bot.vocabulary import Locale, MessageKind
from bot.webchat.words import load


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("kind", MessageKind)
def test_names_what_has_no_words(locale: Locale, kind: MessageKind) -> None:
    assert load()[locale][f"kind_{kind}"]
