"""The services, the way out and the dispatcher, made from their parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.app import channels as accounts
from bot.app import language, media
from bot.app.bell import Bell
from bot.app.channels import FALLBACK, Channels
from bot.app.embedding import sense
from bot.channels.base import Typist
from bot.clock import Clock
from bot.dispatcher import Dispatcher, Finder, Parts
from bot.dispatcher.typing import Show, Typing
from bot.live import Live
from bot.messages import Reply, StatusReport, Topic
from bot.settings import Rules as RuleSettings
from bot.settings import Settings, names_in
from bot.texts import Texts
from bot.vocabulary import Addressee, ChannelKind, DayFacts, Locale
from bot.webchat import Branch as ChatBranch
from bot.webchat import Embedding, Limits, Streams, Uploads, View, Webchat
from handlers import router
from services import Rules, Services, branch, commands, triage
from services.branch import Fact
from services.calendar import BusinessHours, Occasions, OpeningHours, Period
from services.calendars import Calendars
from services.consents import Consents
from services.delivery import early
from services.delivery.composing import Composer
from services.delivery.submit import Delivery
from services.handover import Handover
from services.identity import Identity
from services.imports.files import ImportFiles
from services.intakes import Intakes
from services.knowledge import dialogue
from services.knowledge.meaning.sense import Sense
from services.knowledge.outcome import Finding
from services.knowledge.published import Published
from services.media.library import Library
from services.questions import Questions
from services.tickets import Tickets
from services.wording import Wording
from storage.channel_state import StoredState
from storage.unit import Database, Unit

if TYPE_CHECKING:
    from services.language.endpoint import ChatEndpoint


@dataclass(frozen=True)
class Rooms:
    """Everything that serves clients, ready to be run."""

    settings: Settings
    database: Database
    clock: Clock
    texts: Texts
    rules: Rules
    calendars: Calendars
    hours: Callable[[], BusinessHours]
    channels: Channels
    delivery: Delivery
    services: Services
    dispatcher: Dispatcher
    live: Live
    library: Library
    imports: ImportFiles
    sense: Sense | None
    chat: "ChatEndpoint | None"
    webchat: Webchat
    bell: Bell
    holder: str

    def told(self, unit: Unit, kind: ChannelKind, account: str, reports: Sequence[StatusReport]) -> None:
        """Take what a platform says of earlier messages when it is asked."""
        early.take(unit, self.delivery, (kind, account), reports, pushed=False)

    def pushed(self, unit: Unit, kind: ChannelKind, account: str, reports: Sequence[StatusReport]) -> None:
        """Take what it says by itself, and only once."""
        early.take(unit, self.delivery, (kind, account), reports, pushed=True)


@dataclass(frozen=True)
class Ground:
    """What every room stands on."""

    settings: Settings
    database: Database
    clock: Clock
    texts: Texts
    live: Live

    @property
    def parts(self) -> accounts.Parts:
        """What the channels are handed."""
        return accounts.Parts(
            states=lambda scope: StoredState(self.database, self.clock, scope),
            announce=lambda visitor: self.live.publish([f"visitor:{visitor}"]),
            texts=self.texts,
            clock=self.clock,
        )


async def build(settings: Settings, database: Database, clock: Clock, live: Live) -> Rooms:
    """Make every room; the database must have been migrated."""
    ground = Ground(settings, database, clock, Texts.load(), live)
    rules, calendars = house_rules(settings.rules), Calendars()
    await database.read(calendars.refresh)
    hours = business_hours(settings.rules, calendars)
    found = accounts.channels(settings, ground.parts)
    delivery = way_out(found, ground.texts, rules, clock)
    services = _services(delivery, ground.texts, rules, hours, await Published.load(database))
    chat = language.endpoint(settings.model)
    services = replace(services, writer=language.writer(settings.model, chat))
    sensing = sense(settings.semantic, clock, database)
    find = finder(services, sensing)
    dispatcher = await _dispatcher(ground, services, delivery, Typing(_typist(found)), find)
    library = media.library(settings.media, database, clock)
    return Rooms(
        settings=settings,
        database=database,
        clock=clock,
        texts=ground.texts,
        rules=rules,
        calendars=calendars,
        hours=hours,
        channels=found,
        delivery=delivery,
        services=services,
        dispatcher=dispatcher,
        live=live,
        library=library,
        imports=ImportFiles(database, library.store, clock),
        sense=sensing,
        chat=chat,
        webchat=await _webchat(ground, dispatcher, library),
        bell=_bell(ground, found),
        holder=dispatcher.parts.holder,
    )


def _typist(found: Channels) -> Show:
    """Shows that an answer is being written, on the channels that can."""
    typists = {key: channel for key, channel in found.items() if isinstance(channel, Typist)}

    async def show(to: Addressee) -> None:
        if typist := typists.get((to.channel, to.account)):
            await typist.typing(to)

    return show


def finder(services: Services, sensing: Sense | None) -> Finder:
    """How turns find answers: with what the embedder tells, where there is one."""

    async def find(text: str, locale: Locale, topic: Topic | None) -> Finding:
        knowledge = services.knowledge
        return dialogue.find(await sensing.sensed(knowledge, text) if sensing else knowledge, text, locale, topic)

    return find


async def _dispatcher(
    ground: Ground, services: Services, delivery: Delivery, typing: Typing, find: Finder
) -> Dispatcher:
    return Dispatcher(
        Parts(
            database=ground.database,
            router=router(),
            services=services,
            submit=delivery.submit_all,
            find=find,
            client_wrote=services.handover.client_wrote,
            clock=ground.clock,
            holder=uuid4().hex,
            busy=await _busy(ground.database),
            typing=typing,
        )
    )


def _bell(ground: Ground, found: Channels) -> Bell:
    ways = accounts.staff_ways(ground.settings, found, ground.parts)
    return Bell(ground.database, ground.texts, ways, ground.parts.states("bell"), clock=ground.clock)


async def _webchat(ground: Ground, dispatcher: Dispatcher, library: Library) -> Webchat:
    told, database, clock = ground.settings.webchat, ground.database, ground.clock
    uploads = Uploads(library.terms.largest, tuple(sorted(library.terms.types)))
    view, key = View(await _branch(database), uploads), database.vault.derive("webchat")
    return Webchat(
        database=database,
        front=dispatcher,
        library=library,
        streams=Streams(database, ground.live),
        clock=clock,
        view=view,
        key=key,
        embedding=Embedding(view, key, clock, names_in(told.origins)),
        limits=Limits(told.visitor_per_minute, told.address_per_minute),
        secure=(ground.settings.public_url or "").startswith("https:"),
    )


def house_rules(given: RuleSettings) -> Rules:
    """The limits as services know them."""
    return Rules(
        quiet=(given.quiet_from, given.quiet_to),
        daily_cap=given.daily_cap,
        education_weekly=given.education_weekly,
        product_weekly=given.product_weekly,
        elder_age=given.elder_age,
        intake_span=timedelta(hours=given.intake_hours),
        care_grace_days=given.care_grace_days,
        care_at=given.care_at,
        bind_span=timedelta(minutes=given.bind_minutes),
        bind_codes_daily=given.bind_codes_daily,
        option_span=timedelta(minutes=given.option_minutes),
        manager_first=timedelta(minutes=given.manager_first_minutes),
        login_tries=given.login_tries,
        login_lock=timedelta(minutes=given.login_lock_minutes),
        broadcast_failure_percent=given.broadcast_failure_percent,
        passive_seconds=given.passive_seconds,
        link_hosts=frozenset(names_in(given.link_hosts)),
    )


def business_hours(given: RuleSettings, calendars: Calendars) -> Callable[[], BusinessHours]:
    """The desk's hours on the calendar as it stands."""
    opening = OpeningHours(trading_days=tuple(Period.parse(part) for part in given.hours.split(",")))
    return lambda: BusinessHours(calendars.current(), opening)


def way_out(found: Channels, texts: Texts, rules: Rules, clock: Clock) -> Delivery:
    """The one way out, over these accounts."""
    occasions = Occasions.from_seed()

    def day(on: date) -> DayFacts:
        return DayFacts(mourning=occasions.mourning_on(on) is not None, quiet=rules.quiet)

    capabilities = {key: channel.capabilities for key, channel in found.items()}
    return Delivery(Composer(texts, Wording.from_seed()), capabilities, FALLBACK, rules, day, clock)


def _services(
    delivery: Delivery, texts: Texts, rules: Rules, hours: Callable[[], BusinessHours], published: Published
) -> Services:
    tickets = Tickets(hours)
    return Services(
        rules=rules,
        texts=texts,
        accounts=delivery.accounts,
        commands=commands.packaged(),
        published=published,
        questions=Questions(),
        tickets=tickets,
        intakes=Intakes(tickets, triage.packaged(), rules, delivery.submit),
        handover=Handover(tickets, hours, delivery.submit, delivery.accounts, delivery.clock, rules.manager_first),
        identity=Identity(rules),
        consents=Consents(),
    )


async def _busy(database: Database) -> Reply:
    """What is said when a turn keeps failing."""
    facts = await database.read(branch.present)
    return Reply("system_busy", {"phone": facts.facts[Fact.PHONE]})


async def _branch(database: Database) -> ChatBranch:
    """How the branch calls itself on the chat page."""
    facts = await database.read(branch.present)
    return ChatBranch(
        {locale: facts.say(Fact.NAME, locale) for locale in Locale}, demo=await database.read(branch.demo)
    )
