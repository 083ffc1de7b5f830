"""The JSON API itself; only the door imports it, at the first request."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from console.api import clients, consents, products, statements, tickets
from console.api.admission import Admission
from console.api.callers import ScopeMissing
from console.api.door import Api
from console.api.problems import Problem, handlers, told

TELEMETRY: TelemetryConfig = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
"""The framework would tell others what was wrong with what was sent, and that is personal."""


class Application(FastAPI):
    """The framework's, with our problems in its document."""

    def openapi(self) -> dict[str, Any]:
        """The document."""
        found = super().openapi()
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        found["components"]["schemas"] |= {**problem.pop("$defs"), "Problem": problem}
        for operation in (each for path in found["paths"].values() for each in path.values()):
            operation.pop("summary", None)  # the name of a function; the description says it
        return found


def application(api: Api) -> FastAPI:
    """All addresses below /api/v1. Without pages of documentation: those of the framework load from elsewhere."""
    app = Application(
        title="Quanfu",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Admission, api=api)],
        exception_handlers={**handlers(), ScopeMissing: _scope_missing},
        generate_unique_id_function=_operation,
        telemetry=TELEMETRY,
    )
    app.state.api = api
    for part in (clients, consents, products, statements, tickets):
        app.include_router(part.router)
    return app


async def _scope_missing(request: Request, error: Exception) -> Response:
    if isinstance(error, ScopeMissing):
        return told(request, error.trouble)
    raise error


def _operation(route: APIRoute) -> str:
    return f"{route.tags[0]}_{route.name}"
