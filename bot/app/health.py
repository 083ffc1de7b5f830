"""Whether the service lives, is ready, and what it counts."""

from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import StorageError
from storage.repositories import counts
from storage.unit import Database


@dataclass(frozen=True)
class Health:
    """Answers those who watch the service."""

    database: Database

    def routes(self) -> list[Route]:
        """`/healthz`, `/readyz` and `/metrics`."""
        return [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def alive(self, _request: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok")

    async def ready(self, _request: Request) -> Response:
        """The database answers too."""
        try:
            await self.database.read(counts.inbox_by_state, patience=1.0)
        except StorageError:
            return PlainTextResponse("database", status_code=503)
        return PlainTextResponse("ok")

    async def metrics(self, _request: Request) -> Response:
        """Counts for Prometheus; without a database there are none, which is what it has to see."""
        registry = CollectorRegistry()
        try:
            inbox, deliveries, media = await self.database.read(
                lambda unit: (counts.inbox_by_state(unit), counts.open_deliveries(unit), counts.wanted_media(unit))
            )
        except StorageError:
            return PlainTextResponse("database", status_code=503)
        _gauge(registry, "quanfu_inbox", "Rows of the inbox that are not handled", inbox)
        _gauge(registry, "quanfu_deliveries", "Deliveries that are not settled", deliveries)
        _gauge(registry, "quanfu_media", "Files that are still to be fetched", media)
        counted = generate_latest(REGISTRY) + generate_latest(registry)
        return Response(counted, media_type=CONTENT_TYPE_LATEST)


def _gauge(registry: CollectorRegistry, name: str, says: str, values: dict[str, int]) -> None:
    gauge = Gauge(name, says, ["state"], registry=registry)
    for state, value in values.items():
        gauge.labels(state=state).set(value)
