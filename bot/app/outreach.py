"""What goes out on the branch's own account: broadcasts and greetings, and the calendar they count by."""

from dataclasses import dataclass

from bot.app import channels as accounts
from bot.app.rooms import Ground, house_rules, way_out
from bot.clock import Clock
from bot.live import MemoryLive
from bot.settings import Settings
from bot.texts import Texts
from services.broadcasts import Broadcasts
from services.broadcasts.content import Speech
from services.calendar import Occasions
from services.calendars import Calendars
from services.care import Care
from services.delivery.submit import Delivery
from services.wording import Wording
from storage.unit import Database


@dataclass(frozen=True)
class Outreach:
    """The services, and the calendar to be refreshed before it is asked."""

    broadcasts: Broadcasts
    care: Care
    calendars: Calendars


def outreach(delivery: Delivery, texts: Texts, calendars: Calendars, clock: Clock) -> Outreach:
    """Made on the way out that the process has."""
    return Outreach(
        broadcasts=Broadcasts(delivery, Speech(texts, Wording.from_seed(), delivery.rules.link_hosts), clock),
        care=Care(delivery, texts, Occasions.from_seed(), calendars.current, clock),
        calendars=calendars,
    )


def for_commands(settings: Settings, database: Database, clock: Clock) -> Outreach:
    """For a process that only writes rows: no platform is spoken to."""
    ground = Ground(settings, database, clock, Texts.load(), MemoryLive())
    found = accounts.channels(settings, ground.parts)
    delivery = way_out(found, ground.texts, house_rules(settings.rules), clock)
    return outreach(delivery, ground.texts, Calendars(), clock)
