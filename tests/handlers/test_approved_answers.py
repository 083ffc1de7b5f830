"""What compliance approved may be said, all of it, whatever words a list forbids elsewhere."""

from types import SimpleNamespace
from typing import cast

import pytest

from bot.routing import Turn
from bot.vocabulary import Addressee, ChannelKind, Locale, Purpose
from handlers.questions import answer_of
from services import Services
from services.delivery.composing import Composer, Wanted
from services.wording import Wording
from tests import packaged

ENTRIES = 201


@pytest.mark.parametrize("locale", list(Locale))
def test_every_approved_answer_may_be_said(locale: Locale) -> None:
    texts, knowledge = packaged.texts(), packaged.knowledge()
    composer = Composer(texts, Wording.from_seed())
    room = SimpleNamespace(knowledge=knowledge, texts=texts, draws_buttons=lambda addressee: False)
    chat = SimpleNamespace(addressee=Addressee(ChannelKind.WECHAT, "main", "oApproved"))
    turn = cast(Turn, SimpleNamespace(locale=locale, conversation=chat))
    kept_back = {}
    for name in knowledge.entries:
        reply = answer_of(turn, cast(Services, room), name)
        wanted = Wanted(
            reply.key, reply.parameters, locale, "wechat", False, reply.personal, reply.quoted, notice=reply.notice
        )
        composed = composer.compose(wanted)
        assert knowledge.entry(name).answer[:20] in composed.text or locale is Locale.EN
        kept_back[name] = composer.forbidden(composed.judged, Purpose.REPLY, None)
    assert len(kept_back) == ENTRIES
    assert not {name: category for name, category in kept_back.items() if category}
