"""Words that fit where they are read: nobody is asked for an answer that reaches nobody."""

import pytest

from bot.vocabulary import Locale
from services.delivery.composing import UNHEARD, Composer, Wanted
from services.wording import Wording
from tests.packaged import texts

COMPOSER = Composer(texts(), Wording.from_seed())
ANSWER = {Locale.ZH_CN: "回复", Locale.EN: "eply"}
UNASKED = ("risk_expiring", "risk_expired", "risk_recorded", "risk_recorded_min")
"""Texts that go to clients by the channel that suits, and ask for an answer where one is heard."""
DAY = {"date": "2026-12-01", "valid_until": "2026-12-01", "level": "C3", "range": "R1 / R2"}


def said(key: str, locale: Locale, *, heard: bool) -> str:
    parameters = {name: DAY[name] for name in texts().parameters(key)}
    return COMPOSER.compose(Wanted(key, parameters, locale, "wecom", personal_allowed=True, heard=heard)).text


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("key", UNASKED)
def test_an_answer_is_asked_for_where_it_is_heard(key: str, locale: Locale) -> None:
    assert [ANSWER[locale] in said(key, locale, heard=heard) for heard in (True, False)] == [True, False]
    assert texts().parameters(key) == texts().parameters(f"{key}{UNHEARD}")


def test_a_parameter_takes_anothers_place() -> None:
    given = {"body": "休市", "footer": "回复“退订”", f"footer{UNHEARD}": "请告知您的服务人员"}
    both = [
        COMPOSER.compose(
            Wanted("broadcast_body", given, Locale.ZH_CN, "wecom", personal_allowed=True, heard=heard)
        ).text
        for heard in (True, False)
    ]
    assert both == ["休市\n回复“退订”", "休市\n请告知您的服务人员"]
