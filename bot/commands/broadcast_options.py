"""From a command's options to the content of a broadcast."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from bot.clock import BRANCH_ZONE
from bot.commands.words import word
from bot.errors import MediaRefused, Refused
from bot.vocabulary import AssetBand, Interest, Locale, MediaRefusal, ProductRisk, Purpose, RiskLevel
from services.broadcasts import Content
from services.media.kinds import enclosed_as
from services.media.library import Library


@dataclass(frozen=True, slots=True)
class Given:
    """What was given; a body stands in an option or in a file, times are those of the branch."""

    name: str
    purpose: Purpose
    bodies: Mapping[Locale, tuple[str | None, Path | None]]
    condition: Mapping[str, Any]
    material: str | None
    risk: ProductRisk | None
    topic: Interest | None
    send_at: datetime | None
    latest_at: datetime | None


def content(given: Given) -> Content:
    """The content as the service takes it."""
    bodies = {locale.value: _body(*sources) for locale, sources in given.bodies.items()}
    return Content(
        name=given.name,
        purpose=given.purpose,
        body={locale: body for locale, body in bodies.items() if body},
        condition=given.condition,
        material=given.material,
        product_risk=given.risk,
        topic=given.topic,
        send_at=_instant(given.send_at),
        latest_at=_instant(given.latest_at),
    )


async def enclosed(library: Library, content: bytes) -> int:
    """Keep what is shown below the words; Refused for what cannot be sent."""
    try:
        found = await library.judged("", content)
        if enclosed_as(found.type) is None:
            raise Refused("broadcast_enclosed")
        return (await library.receive(content)).id
    except MediaRefused as refused:
        suffix = "" if refused.reason is MediaRefusal.TYPE else f"_{refused.reason}"
        raise Refused(f"broadcast_enclosed{suffix}") from None


def segment(
    where: Path | None,
    bands: Sequence[AssetBand],
    levels: Sequence[RiskLevel],
    tags: Sequence[str],
    name: str | None = None,
) -> Mapping[str, Any]:
    """The condition: a file, or a named segment and one of the bands and one of the levels and one of the tags."""
    tests: list[dict[str, Any]] = [{"segment": name}] if name else []
    if bands:
        tests.append({"field": "asset_band", "is": "in", "value": [band.value for band in bands]})
    if levels:
        tests.append({"field": "risk_level", "is": "in", "value": [level.value for level in levels]})
    if tags:
        tests.append({"any": [{"field": "tag", "is": "has", "value": tag} for tag in tags]})
    if (where is None) == (not tests):
        raise typer.BadParameter(word("broadcast_segment_needed"))
    if where:
        return read_condition(where)
    return tests[0] if len(tests) == 1 else {"all": tests}


def read_condition(file: Path) -> Mapping[str, Any]:
    """A condition's document; BadParameter where the file holds no JSON object."""
    try:
        document = json.loads(file.read_text("utf-8-sig"))
    except ValueError as fault:
        raise typer.BadParameter(f"{file}: {fault}") from None
    if not isinstance(document, dict):
        raise typer.BadParameter(f"{file}: {word('broadcast_segment_needed')}")
    return document


def _body(text: str | None, file: Path | None) -> str:
    if text and file:
        raise typer.BadParameter(word("broadcast_body_twice"))
    return file.read_text("utf-8-sig").strip() if file else (text or "").strip()


def _instant(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=BRANCH_ZONE) if given else None
