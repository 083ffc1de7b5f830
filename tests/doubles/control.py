"""Control over HTTP under `/_double/`: ledger, faults, and a page where a person plays the client."""

from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from tests.doubles.faults import Fault, Faults
from tests.doubles.ledger import Ledger
from tests.doubles.payload import Malformed, Payload, read_payload

PAGE = Path(__file__).with_name("page.html")
_SCRIPT = TypeAdapter(list[Fault])


class Simulator(Protocol):
    """The client side of a platform."""

    async def act(self, given: Payload) -> dict[str, object]:
        """A client does what `kind` and `text` say; LookupError or ValueError when that cannot be done."""
        ...


class Control:
    """The routes that steer one double."""

    def __init__(self, platform: str, simulator: Simulator, ledger: Ledger, faults: Faults) -> None:
        self._platform = platform
        self._simulator = simulator
        self._ledger = ledger
        self._faults = faults

    def mount(self) -> Mount:
        """Everything under `/_double`."""
        return Mount(
            "/_double",
            routes=[
                Route("/", self._page),
                Route("/ledger", self._read_ledger),
                Route("/ledger", self._clear_ledger, methods=["DELETE"]),
                Route("/faults", self._read_faults),
                Route("/faults", self._add_faults, methods=["POST"]),
                Route("/faults", self._clear_faults, methods=["DELETE"]),
                Route("/say", self._say, methods=["POST"]),
            ],
        )

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(PAGE.read_text(encoding="utf-8").replace("{platform}", self._platform))

    async def _read_ledger(self, request: Request) -> Response:
        return JSONResponse(self._ledger.page(request.query_params.get("recipient")))

    async def _clear_ledger(self, request: Request) -> Response:
        self._ledger.clear()
        return Response(status_code=204)

    async def _read_faults(self, request: Request) -> Response:
        return Response(_SCRIPT.dump_json(self._faults.script), media_type="application/json")

    async def _add_faults(self, request: Request) -> Response:
        try:
            self._faults.add(*_SCRIPT.validate_json(await request.body()))
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, 400)
        return await self._read_faults(request)

    async def _clear_faults(self, request: Request) -> Response:
        self._faults.script.clear()
        return Response(status_code=204)

    async def _say(self, request: Request) -> Response:
        try:
            return JSONResponse(await self._simulator.act(await read_payload(request)))
        except (Malformed, LookupError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
