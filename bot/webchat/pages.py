"""The chat page's addresses. Everything but the stream also works as a plain form, without script."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.clock import Clock
from bot.errors import DatabaseBusy, StoreUnavailable
from bot.live import CLIENT_TYPING
from bot.messages import Incoming
from bot.routing import Front
from bot.vocabulary import Owner
from bot.webchat import forms, looks, uploads, visitors
from bot.webchat.embed import Embedding
from bot.webchat.forms import FormRefused
from bot.webchat.looks import Look
from bot.webchat.stream import Place, Streams, last_seen
from bot.webchat.view import STATIC, View
from bot.webchat.visitors import Limits
from services.media.library import Library
from storage.repositories import conversations, media, transcripts
from storage.repositories.conversations import Conversation
from storage.repositories.inbox import Stored
from storage.repositories.media import Kept
from storage.repositories.transcripts import Line
from storage.unit import Database, Unit

log = logging.getLogger(__name__)

REPLY_SECONDS = 20.0
"""How long a post waits for its reply; a later one comes by the stream."""


Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, how they want it shown, and whether their cookies must be set."""

    id: str
    look: Look
    new: bool


Work = Callable[[Request, Visitor], Awaitable[Response]]


class Files(StaticFiles):
    """Files whose address changes with their content: kept for a year."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """With the header that says so."""
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


@dataclass(frozen=True)
class Webchat:
    """The chat page of one branch; `key` signs the visitors' cookie (`vault.derive("webchat")`).

    `limits` holds for messages, `pings` for signs that somebody is typing, of which a page sends 15 a minute at most.
    `secure`: clients reach the page by https, also where the proxy before us does not say so.
    """

    database: Database
    front: Front
    streams: Streams
    clock: Clock
    view: View
    key: bytes
    library: Library
    embedding: Embedding
    limits: Limits = field(default_factory=Limits)
    upload_limits: Limits = field(default_factory=lambda: Limits(per_visitor=6, per_address=30, name="files"))
    pings: Limits = field(default_factory=lambda: Limits(per_visitor=30, per_address=1200))
    reply_seconds: float = REPLY_SECONDS
    secure: bool = False

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the root."""
        return [
            Route("/", self.page),
            Route("/chat/messages", self._form(self.post), methods=["POST"]),
            Route("/chat/media", self._form(self.upload), methods=["POST"]),
            Route("/chat/media/{number}", self.media),
            Route("/chat/history", self._form(self.history)),
            Route("/chat/stream", self._form(self.stream)),
            Route("/chat/typing", self._form(self.typing), methods=["POST"]),
            Route("/chat/look", self.look),
            Route("/chat/privacy", self.privacy),
            *self.embedding.routes(),
            Mount("/chat/static", Files(directory=STATIC)),
        ]

    async def page(self, request: Request) -> Response:
        """The page with the conversation so far."""
        visitor = self._visitor(request)
        try:
            lines = await self.database.read(lambda unit: _so_far(unit, visitor))
            html = self.view.page(visitor.look, lines, self.clock.now())
        except DatabaseBusy as error:
            log.error("webchat: page not shown: %s", error)
            return self._fault(request, visitor, FormRefused(503, "busy"))
        return self._with_cookie(HTMLResponse(html), request, visitor)

    async def post(self, request: Request, visitor: Visitor) -> Response:
        """A message; the reply comes in the response where it is ready in time."""
        form = await forms.read(request)
        await self._count_together(request, visitor, self.limits)
        return await self._taken(request, visitor, forms.message(visitor.id, form))

    async def upload(self, request: Request, visitor: Visitor) -> Response:
        """A picture or file, answered as a message is."""
        await self._count_together(request, visitor, self.upload_limits)
        form = await uploads.read(request, self.library.terms.largest)
        upload = await uploads.keep(self.library, form)
        return await self._taken(request, visitor, uploads.message(visitor.id, form, upload))

    async def media(self, request: Request) -> Response:
        """A picture or file of the visitor's own conversation; for everybody else there is none."""
        visitor, number = self._visitor(request), forms.number(request.path_params["number"])
        chat = forms.chat(visitor.id)

        def own(unit: Unit) -> Kept | None:
            conversation = None if visitor.new else conversations.by_address(unit, chat)
            return _within(unit, conversation.id, number) if conversation else None

        try:
            found = await self.database.read(own)
            return uploads.answer(await self.library.hand_out(found) if found else None)
        except (DatabaseBusy, StoreUnavailable) as error:
            log.error("webchat: a file not shown: %s", error)
            return Response(status_code=503)

    def _count(self, request: Request, visitor: Visitor, limits: Limits) -> None:
        if not limits.allow(visitor.id, _address(request), self.clock.now()):
            raise FormRefused(429, "too_fast")

    async def _count_together(self, request: Request, visitor: Visitor, limits: Limits) -> None:
        """Also with the other processes; beside SQLite there are none."""
        self._count(request, visitor, limits)

        def reserve(unit: Unit) -> None:
            if not limits.reserve(unit, visitor.id, _address(request), self.clock.now()):
                raise FormRefused(429, "too_fast")  # nothing of it is counted then

        if self.database.dialect != "sqlite":
            await self.database.write(reserve, 4.0)

    async def _taken(self, request: Request, visitor: Visitor, message: Incoming) -> Response:
        """Store a message; its reply is in the response where it is ready in time."""
        stored = (await self.front.take([message], None, 4.0, waits=True))[0]
        done = await self.front.finished(stored, self.reply_seconds)
        if not _wants_json(request):
            return RedirectResponse("/#end", status_code=303)
        return JSONResponse({"lines": await self._lines(stored, visitor.look), "done": done})

    async def history(self, _request: Request, visitor: Visitor) -> Response:
        """The conversation so far, for a page that came without it."""
        lines = await self.database.read(lambda unit: _so_far(unit, visitor))
        now, locale = self.clock.now(), visitor.look.locale
        return JSONResponse({"lines": [self.view.line(line, locale, now) for line in lines]})

    async def stream(self, request: Request, visitor: Visitor) -> Response:
        """Later replies; 204 where there is no conversation to hear of."""
        conversation = await self._conversation(visitor)
        if conversation is None:
            return Response(status_code=204)
        place = Place(visitor.id, conversation.id, last_seen(request.headers))
        return self.streams.answer(place, lambda line: self.view.line(line, visitor.look.locale, self.clock.now()))

    async def typing(self, request: Request, visitor: Visitor) -> Response:
        """The client is typing; told to the person who answers them, and to nobody while the bot does."""
        await forms.read(request)
        self._count(request, visitor, self.pings)
        conversation = await self._conversation(visitor)
        if conversation is not None and conversation.owner is Owner.STAFF:
            self.streams.live.publish([f"{CLIENT_TYPING}:{conversation.id}"])
        return Response(status_code=204)

    async def look(self, request: Request) -> Response:
        """Change language, colours or size."""
        chosen = self._visitor(request).look.changed(dict(request.query_params))
        response = RedirectResponse("/", status_code=303)
        self._keep(response, request, looks.COOKIE, chosen.cookie())
        return response

    async def privacy(self, request: Request) -> Response:
        """The long notice."""
        return HTMLResponse(self.view.privacy(self._visitor(request).look))

    def _form(
        self, work: Callable[[Request, Visitor], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """A form's address: faults in the visitor's words, cookies set."""

        async def endpoint(request: Request) -> Response:
            visitor = self._visitor(request)
            try:
                return self._with_cookie(await work(request, visitor), request, visitor)
            except FormRefused as fault:
                return self._fault(request, visitor, fault)
            except DatabaseBusy as error:
                log.error("webchat: database busy: %s", error)
                return self._fault(request, visitor, FormRefused(503, "busy"))
            except ClientDisconnect:
                return Response(status_code=400)

        return endpoint

    async def _lines(self, stored: Stored, look: Look) -> list[str]:
        def lines(unit: Unit) -> list[Line]:
            own = transcripts.heard(unit, stored.inbox_id)
            said: list[Line] = list(transcripts.said_to(unit, stored.inbox_id))
            return [own, *said] if own else said

        now = self.clock.now()
        return [self.view.line(line, look.locale, now) for line in await self.database.read(lines)]

    async def _conversation(self, visitor: Visitor) -> Conversation | None:
        chat = forms.chat(visitor.id)
        return None if visitor.new else await self.database.read(lambda u: conversations.by_address(u, chat))

    def _visitor(self, request: Request) -> Visitor:
        """By the cookie; a page in a frame says whose it is, and its language, in headers."""
        shown = request.headers.get(visitors.HEADER)
        cookies = request.cookies if shown is None else {}
        visitor = visitors.known(self.key, shown or cookies.get(visitors.COOKIE))
        if shown is not None and visitor is None:
            raise HTTPException(401)
        look = looks.read(cookies.get(looks.COOKIE), request.headers.get("accept-language", ""))
        return Visitor(visitor or visitors.fresh(), look, new=visitor is None)

    def _with_cookie(self, response: Response, request: Request, visitor: Visitor) -> Response:
        response.headers["cache-control"] = "no-store"
        if visitor.new or request.url.path == "/":  # each load of the page lets it live on
            self._keep(response, request, visitors.COOKIE, visitors.signed(self.key, visitor.id))
        return response

    def _keep(self, response: Response, request: Request, name: str, value: str) -> None:
        secure, seconds = self.secure or request.url.scheme == "https", visitors.COOKIE_SECONDS
        response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)

    def _fault(self, request: Request, visitor: Visitor, fault: FormRefused) -> Response:
        if _wants_json(request):
            return JSONResponse({"fault": self.view.words[visitor.look.locale][fault.key]}, fault.status)
        return HTMLResponse(self.view.fault(visitor.look, fault.key), fault.status)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _so_far(unit: Unit, visitor: Visitor) -> list[Line]:
    conversation = None if visitor.new else conversations.by_address(unit, forms.chat(visitor.id))
    return [] if conversation is None else transcripts.recent(unit, conversation.id)


def _within(unit: Unit, conversation_id: int, number: int) -> Kept | None:
    """What a client sent in a conversation, or is shown there; None for any other."""
    found = media.kept(unit, number)
    if found is None and transcripts.shows(unit, conversation_id, number):
        found = media.ours(unit, number, conversation_id)
    return found if found and found.conversation_id == conversation_id else None


def _wants_json(request: Request) -> bool:
    return request.headers.get("accept") == "application/json"
