"""The branch's own limits, as app.py reads them from the settings."""

from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    """Every number a rule of the house uses; defaults are the documented ones."""

    quiet: tuple[time, time] = (time(21, 0), time(8, 30))
    daily_cap: int = 3
    education_weekly: int = 3
    product_weekly: int = 1
    elder_age: int = 65
    intake_span: timedelta = timedelta(hours=24)
    care_grace_days: int = 1
    care_at: time = time(9, 30)
    bind_span: timedelta = timedelta(minutes=30)
    bind_codes_daily: int = 5
    bind_tries: int = 3
    bind_pause: timedelta = timedelta(hours=1)
    option_span: timedelta = timedelta(minutes=30)
    login_tries: int = 5
    login_lock: timedelta = timedelta(minutes=15)
    manager_first: timedelta = timedelta(minutes=10)
    broadcast_failure_percent: int = 20
    passive_seconds: float = 4.0
    link_hosts: frozenset[str] = frozenset()
