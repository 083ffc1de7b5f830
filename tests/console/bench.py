"""A console whose branch has three published entries, and the steps of an entry's life as forms."""

from bot.vocabulary.knowledge import EditionState
from console.contents import texts_of
from services.knowledge.contents import Content
from services.knowledge.evaluate import Question
from storage.repositories import editions as rows
from storage.repositories import publications, versions
from storage.repositories.editions import Edition
from storage.unit import Unit
from tests.console.conftest import Person
from tests.console.stand import Stand
from tests.services.knowledge.bureau import FEES, HOURS, OPENING

KNOWLEDGE = "/console/knowledge"
STOCK = {"open": OPENING, "fees": FEES, "hours": HOURS}
QUESTIONS = (Question("几点开盘", frozenset({"hours"})), Question("手续费多少", frozenset({"fees"})))


async def stock(branch: Stand) -> None:
    """Three entries published, and two questions asked at every publication."""
    now = branch.clock.now()

    def bring(unit: Unit) -> None:
        rows.bring(unit, STOCK, now)
        versions.bump(unit, versions.KNOWLEDGE)
        publications.ask(unit, {one.text: sorted(one.expected) for one in QUESTIONS}, None, now)

    await branch.database.write(bring)


async def history(branch: Stand, entry_id: str) -> list[Edition]:
    """Every version, the latest first."""
    return await branch.database.read(lambda unit: rows.history(unit, entry_id))


async def states(branch: Stand, entry_id: str) -> list[EditionState]:
    """Of every version, the latest first."""
    return [one.state for one in await history(branch, entry_id)]


async def newest(branch: Stand, entry_id: str) -> Edition:
    """The latest version."""
    return (await history(branch, entry_id))[0]


def form(content: Content, edition: Edition | None = None) -> dict[str, str]:
    """Content as the page's form sends it."""
    fields = texts_of(content)
    return fields | ({"version": str(edition.revision)} if edition else {})


async def press(person: Person, branch: Stand, entry_id: str, deed: str, **fields: str) -> int:
    """A deed on the latest version, as its page shows it; gives the answer's status."""
    one = await newest(branch, entry_id)
    path = f"{KNOWLEDGE}/editions/{one.id}/{deed}"
    sent = {"key": f"{deed}{one.id}.{one.revision}", "version": str(one.revision), **fields}
    return (await person.post(path, **sent)).status_code


async def publishing(branch: Stand, entry_id: str) -> str:
    """The address where the latest version is published."""
    one = await newest(branch, entry_id)
    return f"{KNOWLEDGE}/publish?edition={one.id}:{one.revision}"
