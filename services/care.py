"""Greetings: whose birthday, festival or anniversary a day is, and the one greeting each of them gets."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from bot.clock import BRANCH_ZONE, Clock, branch_date
from bot.errors import Refused
from bot.texts import Texts
from bot.vocabulary import AssetBand, Gender, Purpose
from bot.vocabulary.conditions import InSegment
from services import branch, masking
from services.branch import Branch, Fact
from services.calendar import (
    Audience,
    BranchCalendar,
    Occasion,
    Occasions,
    birthday_key_year,
    birthdays_on,
    lunar_of,
)
from services.delivery.composing import SALUTATION
from services.delivery.preview import Foreseen, foresee
from services.delivery.submission import Submission, ToClient
from services.delivery.submit import Delivery
from services.segments import looked_up
from storage.repositories import audiences
from storage.repositories import care as rows
from storage.repositories.care import TEXT_FAMILIES, Candidate, Occurrence
from storage.repositories.fanout import Audience as Clients
from storage.unit import Database, Unit

CHUNK = 100
"""Clients in one transaction: the writer is held for some 100 ms."""

PREMIUM = frozenset({AssetBand.FROM_300, AssetBand.FROM_500})
"""Asset bands that are greeted in the more formal tone."""

SHORTEST_SPAN = timedelta(hours=1)
"""So long greetings have at least to go out, also where they are sent after the usual hours."""

ELDER_AGE = 60
BIRTHDAY = "birthday"
ANNIVERSARY = "account_anniversary"
GREETED = "already_greeted"
"""The reason why somebody gets nothing more on a day."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a client is greeted for: the occasion, the year of its key, and the family of its texts."""

    occasion: str
    year: int
    family: str
    purpose: Purpose
    closure: bool = False
    years: int = 0


@dataclass(frozen=True, slots=True)
class Greeting:
    """One greeting wanted."""

    candidate: Candidate
    due: Due
    submission: Submission
    greeted: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What a client would get, or why not: `reason` is a rule of the gate; the name is masked."""

    number: str
    name: str
    occasion: str
    text_key: str
    channel: str | None
    goes_out: bool
    reason: str | None


@dataclass(frozen=True)
class Care:
    """`calendar` gives the branch's calendar as it is known now."""

    delivery: Delivery
    texts: Texts
    occasions: Occasions
    calendar: Callable[[], BranchCalendar]
    clock: Clock

    async def plan(self, database: Database, on: date, segment: str | None = None) -> AsyncIterator[list[Line]]:
        """Who would get what on a day, and why others would not, some at a time; nothing is written.

        With a segment, of its clients.
        """
        after: int | None = 0
        while after is not None:
            after, lines = await database.read(partial(self._look, on=on, after=after, segment=segment))
            if lines:
                yield lines

    async def greet(self, database: Database, on: date, segment: str | None = None) -> int:
        """Submit a day's greetings; returns how many are new. May be broken off and done again at any time.

        Refused for a day that is over, or not yet there; CalendarYearMissing where a text tells of a market
        closure and its year has not been imported.
        """
        self.check_day(on)
        new = after = 0
        while True:
            last, submitted = await database.write(partial(self._submit, on=on, after=after, segment=segment))
            if last is None:
                return new
            after, new = last, new + submitted

    def check_day(self, on: date) -> None:
        """Refused unless greetings of that day may go out today."""
        today = branch_date(self.clock.now())
        grace = self.delivery.rules.care_grace_days
        if on > today:
            raise Refused("care_in_future", on=on, today=today)
        if on < today - timedelta(days=grace):
            raise Refused("care_too_late", on=on, today=today, grace=grace)

    def sent_at(self, on: date) -> datetime:
        """When the greetings of a day go out."""
        return datetime.combine(on, self.delivery.rules.care_at, BRANCH_ZONE)

    def holds_until(self, on: date) -> datetime:
        """When they have come too late: at the end of the day's hours, or as late as the grace allows."""
        end = datetime.combine(on, self.occasions.send_until, BRANCH_ZONE)
        return max(end, self.sent_at(on) + SHORTEST_SPAN) + timedelta(days=self.delivery.rules.care_grace_days)

    def _look(self, unit: Unit, on: date, after: int, segment: str | None) -> tuple[int | None, list[Line]]:
        """One chunk; its last client, and what its clients would get at the hour of the day."""
        chunk = self._chunk(unit, on, after, segment)
        return chunk[-1].candidate.id if chunk else None, list(self._foreseen(unit, chunk, self.sent_at(on)))

    def _submit(self, unit: Unit, on: date, after: int, segment: str | None = None) -> tuple[int | None, int]:
        """One chunk; its last client and how many greetings were new."""
        chunk = self._chunk(unit, on, after, segment)
        submitted = [self.delivery.submit(unit, each.submission) for each in chunk if not each.greeted]
        return chunk[-1].candidate.id if chunk else None, sum(each.new for each in submitted)

    def _foreseen(self, unit: Unit, chunk: Sequence[Greeting], now: datetime) -> Iterator[Line]:
        open_ones = [each.submission for each in chunk if not each.greeted]
        verdicts = {verdict.key: verdict for verdict in foresee(unit, self.delivery, open_ones, now)}
        for greeting in chunk:
            yield _line(greeting, verdicts.get(greeting.submission.key))

    def _chunk(self, unit: Unit, on: date, after: int, segment: str | None) -> list[Greeting]:
        """The next clients who have something to be greeted for."""
        festivals = [each for each in self.occasions.due_on(on, self.occasions.default_on) if each.template]
        occurrence = Occurrence(birthdays_on(on), _anniversaries(on), bool(festivals), _among(unit, on, segment))
        while found := rows.candidates(unit, occurrence, after, CHUNK):
            wanted = [(each, due) for each in found if (due := _due(each, on, festivals))]
            if wanted:
                return self._greetings(unit, on, wanted)
            after = found[-1].id
        return []

    def _greetings(self, unit: Unit, on: date, wanted: Sequence[tuple[Candidate, Due]]) -> list[Greeting]:
        known = branch.present(unit)
        done = rows.greeted(unit, [candidate.id for candidate, _ in wanted], self.holds_until(on))
        return [
            Greeting(candidate, due, self._submission(candidate, due, on, known), candidate.id in done)
            for candidate, due in wanted
        ]

    def _submission(self, candidate: Candidate, due: Due, on: date, known: Branch) -> Submission:
        key = self._text_key(candidate, due)
        wanted = self.texts.parameters(key) - {SALUTATION}
        offered = self._parameters(candidate, due, on, known)
        return Submission(
            key=f"{due.occasion}:{candidate.id}:{due.year}",
            purpose=due.purpose,
            to=ToClient(candidate.id),
            text_key=key,
            parameters={name: offered[name] for name in sorted(wanted)},
            personal=frozenset({SALUTATION}),
            locale=candidate.locale,
            not_before=self.sent_at(on),
            expires_at=self.holds_until(on),
        )

    def _text_key(self, candidate: Candidate, due: Due) -> str:
        """Another text every year, and not the same one for everybody."""
        variants = self.texts.variants(due.family, "premium" if candidate.asset_band in PREMIUM else "standard")
        return variants[(candidate.id + due.year) % len(variants)]

    def _parameters(self, candidate: Candidate, due: Due, on: date, known: Branch) -> Mapping[str, object]:
        offered: dict[str, object] = {
            "branch": known.say(Fact.NAME, candidate.locale),
            "manager": candidate.manager or self.texts.label("care_team", candidate.locale),
            "years": due.years,
        }
        return offered | self._closure(on) if due.closure else offered

    def _closure(self, on: date) -> dict[str, object]:
        closure = self.calendar().closure_around(on)
        if closure is None:
            raise Refused("care_no_closure", on=on)
        return {"closed_from": closure.closed_from, "closed_to": closure.closed_to, "reopen_on": closure.reopen_on}


def _line(greeting: Greeting, verdict: Foreseen | None) -> Line:
    """A line of the plan; without a verdict the client has been greeted."""
    candidate = greeting.candidate
    goes_out = verdict is not None and verdict.goes_out
    kept_back = (verdict.rule or verdict.state.value) if verdict else GREETED
    return Line(
        number=candidate.number,
        name=masking.name(candidate.name),
        occasion=greeting.due.occasion,
        text_key=greeting.submission.text_key,
        channel=verdict.channel if verdict else None,
        goes_out=goes_out,
        reason=None if goes_out else kept_back,
    )


def _due(candidate: Candidate, on: date, festivals: Sequence[Occasion]) -> Due | None:
    """The one thing to greet a client for: birthday before festival before anniversary."""
    born = candidate.birthday
    key_year = birthday_key_year(born, on) if born else None
    if born and key_year is not None:
        family = f"{TEXT_FAMILIES}birthday_{'lunar' if born.lunar else 'solar'}"
        return Due(BIRTHDAY, key_year, family, Purpose.CARE)
    meant = next((each for each in festivals if _is_for(each, candidate, on)), None)
    if meant is not None:
        # A Gregorian year may hold a lunar occasion twice: it is keyed by the lunar year.
        year = lunar_of(on).year if meant.rule.lunar else on.year
        return Due(meant.id, year, f"{TEXT_FAMILIES}{meant.template}", meant.purpose, closure=meant.closure)
    opened = candidate.opened_on
    if opened and opened.year < on.year and (opened.month, opened.day) in _anniversaries(on):
        years = on.year - opened.year
        return Due(ANNIVERSARY, on.year, f"{TEXT_FAMILIES}{ANNIVERSARY}", Purpose.CARE, years=years)
    return None


def _is_for(occasion: Occasion, candidate: Candidate, on: date) -> bool:
    if occasion.audience is Audience.FEMALE:
        return candidate.gender is Gender.FEMALE
    if occasion.audience is Audience.OVER_60:
        return _age_reached(candidate, on)
    return True


def _age_reached(candidate: Candidate, on: date) -> bool:
    born = candidate.birthday
    if born is None or born.year is None:
        return False
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) >= ELDER_AGE


def _anniversaries(on: date) -> list[tuple[int, int]]:
    """Month and day of the accounts whose anniversary it is; of those opened on 29 February, 28 in common years."""
    tomorrow = on + timedelta(days=1)
    leap_day = [(2, 29)] if (on.month, on.day, tomorrow.month) == (2, 28, 3) else []
    return [(on.month, on.day), *leap_day]


def _among(unit: Unit, on: date, segment: str | None) -> Clients | None:
    """The clients of a segment on a day; Refused where there is no such segment."""
    return None if segment is None else audiences.chosen(looked_up(unit, InSegment(segment)), on)
