"""How pages write instants and spans: always the branch's wall clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup, escape

from bot.clock import branch_date, branch_time
from bot.errors import CalendarYearMissing
from bot.texts.words import Words
from services.calendar.branch import BranchCalendar

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Times:
    """Writes times for one reader at one instant."""

    words: Words
    now: datetime

    def clock(self, at: datetime) -> str:
        """Hours and minutes."""
        return f"{branch_time(at):%H:%M}"

    def day(self, on: date) -> str:
        """A day with its weekday, the year only where it is another."""
        key = "time.day" if on.year == branch_date(self.now).year else "time.day_of_year"
        weekday = self.words(f"weekday.{on.isoweekday()}")
        month = self.words(f"month.{on.month}")
        return self.words(key, year=on.year, month=month, day=on.day, weekday=weekday)

    def short(self, at: datetime) -> str:
        """As short as it can be told: the clock today, else the day with or without its year."""
        local, today = branch_time(at), branch_date(self.now)
        if local.date() == today:
            return f"{local:%H:%M}"
        if local.date() == today - DAY:
            return self.words("time.yesterday", clock=f"{local:%H:%M}")
        return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"

    def full(self, at: datetime) -> str:
        """Day, weekday and clock."""
        return f"{self.day(branch_date(at))} {self.clock(at)}"

    def tag(self, at: datetime | None) -> Markup:
        """The short form with the instant in it and the full form as its title; a dash for none."""
        if at is None:
            return Markup('<span class="text-secondary">–</span>')
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            at.isoformat(), escape(self.full(at)), self.short(at)
        )

    def waited(self, since: datetime) -> str:
        """A waiting clock: minutes and seconds, then hours and minutes."""
        seconds = max(int((self.now - since).total_seconds()), 0)
        if seconds < HOUR.total_seconds():
            return f"{seconds // 60:02}:{seconds % 60:02}"
        return self.span(timedelta(seconds=seconds))

    def patience(self, since: datetime) -> str:
        """How urgent a wait has become: `calm`, `warn` after a minute, `late` after three."""
        waited = self.now - since
        return "late" if waited >= timedelta(minutes=3) else "warn" if waited >= timedelta(minutes=1) else "calm"

    def span(self, span: timedelta) -> str:
        """A length of time: days from two days on, else hours and minutes."""
        minutes = int(span.total_seconds() // 60)
        if minutes >= 48 * 60:
            return self.words("time.days", days=minutes // (24 * 60))
        if minutes >= 60:
            return self.words("time.hours", hours=minutes // 60, minutes=minutes % 60)
        return self.words("time.minutes", minutes=minutes)

    def left(self, due: datetime, calendar: BranchCalendar) -> str:
        """What is left until a deadline, in working days where it is not today's, or how long it is over."""
        if due < self.now:
            return self.words("time.overdue", span=self.span(self.now - due))
        first, last = branch_date(self.now), branch_date(due)
        try:
            days = sum(calendar.is_workday(first + DAY * n) for n in range(1, (last - first).days + 1))
        except CalendarYearMissing:
            days = 0
        if days:
            return self.words("time.left_workdays", days=days)
        return self.words("time.left", span=self.span(due - self.now))

    def urgency(self, due: datetime) -> str:
        """How a deadline looks: `over`, `soon` while it is today's, else `later`."""
        if due < self.now:
            return "over"
        return "soon" if branch_date(due) == branch_date(self.now) else "later"
