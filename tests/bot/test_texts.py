"""Rendering: strict about keys and parameters, one form per channel, families of variants, labels and options."""

import pytest

from bot.errors import QuanfuError, TextParametersWrong, UnknownText
from bot.texts import Texts
from bot.vocabulary import (
    AssetBand,
    AssetClass,
    ChannelKind,
    ConsentPurpose,
    Level,
    Locale,
    MessageKind,
    ProductRisk,
    Purpose,
    RiskLevel,
    Style,
    TicketKind,
    TicketState,
)
from tests import packaged

LABELLED = {
    "channel": ChannelKind,
    "message_kind": MessageKind,
    "purpose": Purpose,
    "consent": ConsentPurpose,
    "risk_level": RiskLevel,
    "product_risk": ProductRisk,
    "asset_band": AssetBand,
    "asset_class": AssetClass,
    "style": Style,
    "ticket_kind": TicketKind,
    "ticket_state": TicketState,
    "level": Level,
}


@pytest.fixture(scope="module")
def texts() -> Texts:
    return packaged.texts()


def test_renders_in_the_language_asked_for(texts: Texts) -> None:
    parameters = {"number": "TS1", "contact_by": "2026-11-24T09:00:00+00:00", "decide_by": "2026-11-26"}
    chinese = texts.render("complaint_registered", Locale.ZH_CN, parameters)
    english = texts.render("complaint_registered", Locale.EN, parameters)
    assert chinese.startswith("您的投诉已登记，编号TS1。我们将在11月24日17:00前联系您，11月26日前告知是否受理。")
    assert "by 24 Nov 17:00 and tell you by 26 Nov" in english


def test_an_unknown_key_is_named(texts: Texts) -> None:
    with pytest.raises(UnknownText, match="complaint_registred"):
        texts.render("complaint_registred", Locale.EN, {})
    with pytest.raises(UnknownText, match="risk_unheard_of"):
        texts.notice("risk_unheard_of", Locale.EN, {})
    with pytest.raises(UnknownText, match="level_p9"):
        texts.label("level_p9", Locale.EN)


def test_missing_and_surplus_parameters_are_named_without_their_values(texts: Texts) -> None:
    with pytest.raises(TextParametersWrong) as caught:
        texts.render("bind_done", Locale.EN, {"telephone": "13800000000"})
    assert str(caught.value) == "bind_done: missing phone; surplus telephone"
    assert isinstance(caught.value, QuanfuError)


def test_none_counts_as_missing(texts: Texts) -> None:
    with pytest.raises(TextParametersWrong, match="bind_done: missing phone; surplus -"):
        texts.render("bind_done", Locale.EN, {"phone": None})


def test_a_parameter_of_the_wrong_kind_is_refused_with_the_key(texts: Texts) -> None:
    with pytest.raises(TextParametersWrong, match=r"^complaint_review: .*type str") as caught:
        texts.render("complaint_review", Locale.EN, {"number": "TS1", "due": "soon-13800000000"})
    assert "13800000000" not in str(caught.value)


def test_what_a_client_typed_is_never_taken_for_a_template(texts: Texts) -> None:
    typed = "{{ 7 * 7 }} <b>]]>{% for x in y %}"
    parameters = {"summary": typed, "when": "", "demand": "", "contact": ""}
    assert typed in texts.render("complaint_confirm", Locale.ZH_CN, parameters)


def test_a_parameter_may_bear_any_name(texts: Texts) -> None:
    assert "range" in texts.parameters("risk_result")  # a global of the template language unless taken away


def test_a_channel_has_its_own_form_only_where_it_differs(texts: Texts) -> None:
    parameters = {"branch": "示例营业部", "manager": ""}
    forms = {kind: texts.render("welcome", Locale.ZH_CN, parameters, channel=kind) for kind in ChannelKind}
    assert len(set(forms.values())) == 4
    assert forms[ChannelKind.RECORDING] == forms[ChannelKind.WEBCHAT]
    assert "服务号" in forms[ChannelKind.WECHAT]
    assert texts.render("question_thanks", Locale.EN, {}, channel="wechat").startswith("You are welcome")


def test_the_parameters_of_a_key_are_those_of_all_its_channels(texts: Texts) -> None:
    assert texts.parameters("welcome") == {"branch", "manager"}
    assert texts.notice_parameters("data_source") == {"source", "time"}


def test_an_answer_without_a_source_ends_with_the_answer(texts: Texts) -> None:
    assert texts.render("answer", Locale.EN, {"answer": "At 9:30.", "source": ""}) == "At 9:30."
    with_source = texts.render("answer", Locale.EN, {"answer": "At 9:30.", "source": "Rules"})
    assert with_source == "At 9:30.\nRules"


def test_an_untranslated_answer_says_so_only_in_english(texts: Texts) -> None:
    parameters = {"answer": "9:30开盘。", "source": ""}
    assert texts.render("answer_untranslated", Locale.ZH_CN, parameters) == "9:30开盘。"
    first, second = texts.render("answer_untranslated", Locale.EN, parameters).splitlines()
    assert first.isascii()
    assert second == "9:30开盘。"


def test_a_family_offers_three_texts_in_each_tone(texts: Texts) -> None:
    premium = tuple(f"care_birthday_solar/premium_{number}" for number in (1, 2, 3))
    assert texts.variants("care_birthday_solar", "premium") == premium
    assert len(texts.variants("care_birthday_solar")) == 6
    assert set(premium) <= texts.keys()
    with pytest.raises(UnknownText, match="care_birthday/"):
        texts.variants("care_birthday")


def test_all_texts_of_a_family_take_the_same_parameters(texts: Texts) -> None:
    families = {key.partition("/")[0] for key in texts.messages if "/" in key}
    taken = {family: {texts.parameters(key) for key in texts.variants(family)} for family in families}
    assert len(families) == 16
    assert {family for family, sets in taken.items() if len(sets) != 1} == set()


def test_a_notice_is_rendered_by_its_own_key(texts: Texts) -> None:
    assert texts.notice("risk_standard", Locale.ZH_CN, {}).startswith("市场有风险，投资需谨慎。")
    with pytest.raises(UnknownText):
        texts.render("risk_standard", Locale.ZH_CN, {})


def test_options_are_numbered_from_one(texts: Texts) -> None:
    assert texts.options(Locale.ZH_CN, ["集合竞价", "都不是"]) == "1 集合竞价\n2 都不是"
    assert texts.options(Locale.EN, []) == ""


@pytest.mark.parametrize("prefix", LABELLED)
@pytest.mark.parametrize("locale", Locale)
def test_every_value_of_an_enum_has_a_label_of_its_own(texts: Texts, prefix: str, locale: Locale) -> None:
    labels = [texts.label(f"{prefix}_{member.value.lower()}", locale) for member in LABELLED[prefix]]
    assert all(labels)
    assert len(set(labels)) == len(labels)
