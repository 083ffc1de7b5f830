"""What a broadcast says: its checks, its notices and the hash under which it is approved."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.errors import Refused
from bot.links import foreign
from bot.texts import Texts
from bot.vocabulary import Locale, Purpose
from bot.vocabulary.conditions import Condition, InSegment, document
from services.branch import Branch, Fact
from services.delivery.composing import UNHEARD
from services.media.kinds import enclosed_as
from services.segments import frozen, looked_up, read
from services.wording import Decision, Wording
from storage.repositories import media
from storage.repositories.broadcasts import Content
from storage.repositories.listing import Whose
from storage.unit import Unit

__all__ = ["PURPOSES", "TEXT_KEY", "Content", "Speech", "audience_of", "digest", "illustrated", "meant"]

TEXT_KEY = "broadcast_body"

LONGEST_NAME = 80
LONGEST_BODY = 2000
"""Signs; longer texts are split by most platforms."""

PURPOSES = (Purpose.EDUCATION, Purpose.PRODUCT, Purpose.SERVICE_NOTICE, Purpose.BROADCAST, Purpose.ALERT)
"""What a broadcast may be for."""

_RISK_NOTICES: Mapping[Purpose, str] = {
    Purpose.PRODUCT: "risk_product",
    Purpose.ALERT: "risk_standard",
    Purpose.EDUCATION: "risk_education",
}
_OPT_OUT_LINES: Mapping[Purpose, str] = {
    Purpose.PRODUCT: "opt_out_marketing",
    Purpose.ALERT: "opt_out_short",
    Purpose.EDUCATION: "opt_out_short",
    Purpose.BROADCAST: "opt_out_short",
}


@dataclass(frozen=True)
class Speech:
    """Turns contents into what clients read, and refuses what may not be said.

    `link_hosts`: where its addresses may lead; anywhere, if none are given.
    """

    texts: Texts
    wording: Wording
    link_hosts: Collection[str] = ()

    def check(self, content: Content, branch: Branch, now: datetime) -> None:
        """Raise Refused with the first fault, naming the word where one is forbidden."""
        audience_of(content)
        _check_form(content)
        _check_product(content)
        _check_times(content, now)
        for locale in Locale:
            if content.body.get(locale):
                self._check_words(content, branch, locale)

    def _check_words(self, content: Content, branch: Branch, locale: Locale) -> None:
        if link := foreign(content.body[locale], self.link_hosts):
            raise Refused("broadcast_link", link=link)
        verdict = self.wording.check(self._text(content, branch, locale), purpose=content.purpose)
        if verdict.decision is Decision.PASS or (verdict.decision is Decision.RELEASE and content.material):
            return
        key = "broadcast_wording" if verdict.decision is Decision.BLOCK else "broadcast_wording_release"
        raise Refused(key, word=verdict.hits[0].word, category=verdict.category, locale=locale.value)

    def texts_of(self, content: Content, branch: Branch) -> dict[Locale, str]:
        """What clients read, by language."""
        return {locale: self._text(content, branch, locale) for locale in Locale}

    def _text(self, content: Content, branch: Branch, locale: Locale) -> str:
        return self.texts.render(TEXT_KEY, locale, self.parameters(content, branch, locale))

    def parameters(self, content: Content, branch: Branch, locale: Locale) -> dict[str, object]:
        """Body and footer for the clients of a language; one without a body of its own reads the Chinese one."""
        body = content.body.get(locale) or content.body[Locale.ZH_CN]
        return {"body": body, "footer": self._footer(content, branch, locale, _OPT_OUT_LINES.get(content.purpose))}

    def sent(self, content: Content, branch: Branch, locale: Locale) -> dict[str, object]:
        """The same with what takes the footer's place where an answer to it would not reach us."""
        line = _OPT_OUT_LINES.get(content.purpose)
        otherwise = self._footer(content, branch, locale, f"{line}{UNHEARD}" if line else None)
        return self.parameters(content, branch, locale) | {f"footer{UNHEARD}": otherwise}

    def _footer(self, content: Content, branch: Branch, locale: Locale, opt_out: str | None) -> str:
        known = {"material": content.material, "branch": branch.say(Fact.NAME, locale)}
        notices = (_RISK_NOTICES.get(content.purpose), opt_out)
        return "\n".join(self._notice(notice, locale, known) for notice in notices if notice)

    def _notice(self, key: str, locale: Locale, known: Mapping[str, object]) -> str:
        wanted = self.texts.notice_parameters(key)
        return self.texts.notice(key, locale, {name: known[name] for name in wanted})


def audience_of(content: Content) -> Condition:
    """Whom it is for; Refused with the place of the fault."""
    return frozen(dict(content.condition))


def meant(unit: Unit, content: Content) -> Content:
    """The same with what named segments mean now in its condition, so that nobody changes it after approval.

    Fixed lists stay named: who stands on one is looked up when it goes out, as with tags.
    """
    condition = read(dict(content.condition))
    name = condition.name if isinstance(condition, InSegment) else None
    return replace(content, condition=document(looked_up(unit, condition)), segment=name)


def illustrated(unit: Unit, content: Content) -> bool:
    """Whether what is shown below the text, if anything, is there and can be sent."""
    if content.media_id is None:
        return True
    kept = media.enclosed(unit, content.media_id)
    return kept is not None and enclosed_as(kept.type) is not None


def digest(content: Content, only_clients_of: Whose) -> str:
    """SHA-256 over everything that is approved; one for everybody's clients is not one for a manager's own."""
    approved = asdict(content) | {"only_clients_of": None if only_clients_of is None else sorted(only_clients_of)}
    plain = json.dumps(approved, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def _check_form(content: Content) -> None:
    if not 0 < len(content.name.strip()) <= LONGEST_NAME:
        raise Refused("broadcast_name", limit=LONGEST_NAME)
    if content.purpose not in PURPOSES:
        raise Refused("broadcast_purpose", purpose=content.purpose.value)
    if not content.body.get(Locale.ZH_CN, "").strip():
        raise Refused("broadcast_body_missing")
    if max(map(len, content.body.values())) > LONGEST_BODY:
        raise Refused("broadcast_body_long", limit=LONGEST_BODY)


def _check_product(content: Content) -> None:
    if content.purpose is not Purpose.PRODUCT:
        if content.product_risk is not None:
            raise Refused("broadcast_risk_elsewhere")
        return
    if not content.material:
        raise Refused("broadcast_material")
    if content.product_risk is None:
        raise Refused("broadcast_risk")


def _check_times(content: Content, now: datetime) -> None:
    if content.latest_at is None:
        return
    if content.latest_at <= max(now, content.send_at or now):
        raise Refused("broadcast_times")
