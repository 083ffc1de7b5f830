"""Observations in a reader's words; they stand in the catalogue `doctor`."""

from dataclasses import dataclass

from bot.texts.words import Catalogue, Words
from services.doctor import Seen

CATALOGUE = "doctor"


@dataclass(frozen=True, slots=True)
class Said:
    """An observation as it is read; `advice` is empty where nothing is to be done."""

    place: str
    check: str
    verdict: str
    means: str
    advice: str


def catalogue() -> Catalogue:
    """The words in every language; TextsBroken where the languages differ."""
    return Catalogue.load(CATALOGUE)


def said(words: Words, seen: Seen) -> Said:
    """One observation; strict about its values."""
    observation = seen.observation
    remark, values = observation.remark.value, observation.values
    kind, _, account = seen.place.partition("/")
    check = words(f"topic.{observation.topic}")
    return Said(
        place=f"{words(f'place.{kind}')} {account}".rstrip(),
        check=f"{check}: {words(f'about.{observation.about}')}" if observation.about else check,
        verdict=words(f"verdict.{observation.verdict.value}"),
        means=words(remark, **values),
        advice=words(f"{remark}_do", **values) if words.get(f"{remark}_do", "") else "",
    )
