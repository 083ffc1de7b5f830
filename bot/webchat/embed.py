"""The chat in a frame on the branch's own sites: their script, the page in the frame, and who may show it.

No cookie says there whose a message is: the page knows it and says so in a header. Cookies of a jar that belongs to the
site only help a frame to know it again after a reload (ADR 0015).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.vocabulary import Locale
from bot.webchat import looks, visitors
from bot.webchat.headers import policy
from bot.webchat.looks import Look
from bot.webchat.view import STATIC, View

FRAME = "quanfu_frame"
LOOK = "quanfu_frame_look"
SCRIPT_SECONDS = 600
"""How long browsers keep the script, whose address never changes."""


@dataclass(frozen=True)
class Embedding:
    """What other sites may show; nothing where `origins` is empty."""

    view: View
    key: bytes
    clock: Clock
    origins: Sequence[str] = ()

    def routes(self) -> list[BaseRoute]:
        """Two addresses."""
        return [Route("/chat/embed.js", self.script), Route("/chat/frame", self.frame)]

    async def script(self, _request: Request) -> Response:
        """The one script of a site; it draws nothing where the site is not one of ours."""
        if not self.origins:
            return PlainTextResponse("", 404)
        told = {"origins": list(self.origins), "words": {str(one): self.view.words[one]["embed"] for one in Locale}}
        source = (STATIC / "embed.js").read_text("utf-8")
        headers = {"cache-control": f"public, max-age={SCRIPT_SECONDS}", "cross-origin-resource-policy": "cross-origin"}
        return Response(f"({source})({json.dumps(told)});\n", media_type="text/javascript", headers=headers)

    async def frame(self, request: Request) -> Response:
        """The page without a conversation; its script asks for the one that its browser knows of."""
        if not self.origins:
            return PlainTextResponse("", 404)
        visitor = visitors.known(self.key, request.cookies.get(FRAME)) or visitors.fresh()
        look, signed = _look(request), visitors.signed(self.key, visitor)
        html = self.view.page(look, [], self.clock.now(), visitor=signed)
        headers = {"content-security-policy": policy(self.origins), "cache-control": "no-store"}
        response = HTMLResponse(html, headers=headers)
        if request.url.scheme == "https":
            _remember(response, FRAME, signed)
            _remember(response, LOOK, look.cookie() if "lang" in request.query_params else "")
        return response


def _look(request: Request) -> Look:
    """As chosen now or before; at first in the language of the site."""
    kept = request.cookies.get(LOOK)
    look = looks.read(kept, request.headers.get("accept-language", ""))
    first = look if kept else look.changed({"lang": request.query_params.get("site", "")})
    return first.changed(request.query_params)


def _remember(response: Response, name: str, value: str) -> None:
    """For the frame's page, apart for each site; by hand, since the library needs Python 3.14 to say Partitioned."""
    if value:
        rest = f"Path=/chat/frame; Max-Age={visitors.COOKIE_SECONDS}; Secure; HttpOnly; SameSite=None; Partitioned"
        response.headers.append("set-cookie", f"{name}={value}; {rest}")
