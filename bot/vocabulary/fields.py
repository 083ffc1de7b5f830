"""What a segment's condition may ask of a client: the fields, their types, and how each type is compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.vocabulary.channels import ChannelKind
from bot.vocabulary.clients import (
    AssetBand,
    ClientKind,
    ClientState,
    ConsentPurpose,
    Gender,
    Interest,
    RiskLevel,
    Style,
)
from bot.vocabulary.holdings import AssetClass
from bot.vocabulary.locale import Locale
from bot.vocabulary.tickets import Level


class Operator(StrEnum):
    """How a field is compared; spans of days count whole days of the branch, ends included.

    `within_days` looks ahead from today, `last_days` back from it. `known` with false: nothing is on record.
    """

    EQUALS = "equals"
    IN = "in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    HAS = "has"
    HAS_NOT = "has_not"
    WITHIN_DAYS = "within_days"
    LAST_DAYS = "last_days"
    DAYS_AGO_AT_LEAST = "days_ago_at_least"
    KNOWN = "known"


class FieldType(StrEnum):
    """What a field's values are; a ladder is a choice in rising order, an instant the latest of several."""

    CHOICE = "choice"
    LADDER = "ladder"
    DATE = "date"
    INSTANT = "instant"
    SET = "set"
    NUMBER = "number"
    FLAG = "flag"


DAYS = (Operator.WITHIN_DAYS, Operator.LAST_DAYS, Operator.DAYS_AGO_AT_LEAST)
"""Compare with a number of days."""

_BOUNDS = (Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN)

OPERATORS: Mapping[FieldType, tuple[Operator, ...]] = {
    FieldType.CHOICE: (Operator.EQUALS, Operator.IN, Operator.KNOWN),
    FieldType.LADDER: (Operator.EQUALS, Operator.IN, *_BOUNDS, Operator.KNOWN),
    FieldType.DATE: (*_BOUNDS, *DAYS, Operator.KNOWN),
    FieldType.INSTANT: (Operator.LAST_DAYS, Operator.DAYS_AGO_AT_LEAST, Operator.KNOWN),
    FieldType.SET: (Operator.HAS, Operator.HAS_NOT),
    FieldType.NUMBER: (Operator.EQUALS, *_BOUNDS, Operator.KNOWN),
    FieldType.FLAG: (Operator.EQUALS,),
}
"""How each type may be compared, in the order in which an editor offers it."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field a condition may test; `choices` in rising order for a ladder, empty for free words."""

    type: FieldType
    choices: tuple[str, ...] = ()


FIELDS: Mapping[str, Field] = {
    "asset_band": Field(FieldType.LADDER, tuple(band.value for band in AssetBand if band is not AssetBand.UNKNOWN)),
    "risk_level": Field(FieldType.LADDER, tuple(level.value for level in RiskLevel)),
    "risk_valid_until": Field(FieldType.DATE),
    "assessed": Field(FieldType.FLAG),
    "assets": Field(FieldType.NUMBER),
    "holds": Field(FieldType.SET),
    "holds_class": Field(FieldType.SET, tuple(kind.value for kind in AssetClass)),
    "concentration": Field(FieldType.NUMBER),
    "drawdown": Field(FieldType.NUMBER),
    "turnover": Field(FieldType.NUMBER),
    "margin_ratio": Field(FieldType.NUMBER),
    "last_trade": Field(FieldType.INSTANT),
    "tag": Field(FieldType.SET),
    "consent": Field(FieldType.SET, tuple(purpose.value for purpose in ConsentPurpose)),
    "interest": Field(FieldType.SET, tuple(subject.value for subject in Interest)),
    "opted_out": Field(FieldType.FLAG),
    "reachable": Field(FieldType.FLAG),
    "channel": Field(FieldType.SET, tuple(kind.value for kind in ChannelKind)),
    "preferred_channel": Field(FieldType.CHOICE, tuple(kind.value for kind in ChannelKind)),
    "last_chat": Field(FieldType.INSTANT),
    "last_contact": Field(FieldType.INSTANT),
    "last_invitation": Field(FieldType.INSTANT),
    "engagement": Field(FieldType.NUMBER),
    "lesson": Field(FieldType.SET),
    "course": Field(FieldType.SET),
    "lessons": Field(FieldType.NUMBER),
    "last_lesson": Field(FieldType.INSTANT),
    "open_complaint": Field(FieldType.FLAG),
    "complaint_level": Field(FieldType.SET, tuple(level.value for level in Level)),
    "age": Field(FieldType.NUMBER),
    "gender": Field(FieldType.CHOICE, tuple(gender.value for gender in Gender if gender is not Gender.UNKNOWN)),
    "locale": Field(FieldType.CHOICE, tuple(locale.value for locale in Locale)),
    "opened_on": Field(FieldType.DATE),
    "state": Field(FieldType.CHOICE, tuple(state.value for state in ClientState)),
    "kind": Field(FieldType.CHOICE, tuple(kind.value for kind in ClientKind)),
    "style": Field(FieldType.CHOICE, tuple(style.value for style in Style)),
    "prefers": Field(FieldType.SET, tuple(kind.value for kind in AssetClass)),
    "branch": Field(FieldType.CHOICE),
    "region": Field(FieldType.CHOICE),
    "occupation": Field(FieldType.CHOICE),
    "plan": Field(FieldType.CHOICE),
    "manager": Field(FieldType.CHOICE),
    "adviser": Field(FieldType.CHOICE),
}
"""In the order in which an editor offers them.

`assessed`: the risk assessment is valid today. `reachable`, `channel`: a chat that has not been left. `last_chat`: the
client wrote; `last_contact`: we wrote on our own account; `last_invitation`: we invited them to an event.
`assets`: the mean of 30 days in ten thousand yuan. `holds`: an instrument by its code. `concentration`, `drawdown`,
`turnover`, `margin_ratio`: in whole percent, as decision 30 reckons them. `engagement`: days of the last 30.
`lesson`, `course`: completed, a course with all its lessons, by the id; `lessons`: how many; `last_lesson`: one was.
`complaint_level`: of complaints that are open. `manager`, `adviser`: a staff number. `plan`: a content plan of the
client's own, by its code. `branch`: as the counter system writes it. `age`: as the gate counts it.
"""
