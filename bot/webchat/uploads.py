"""Pictures and files that visitors send: bounded while they are read, judged and kept before the message is stored."""

from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from bot.errors import MediaRefused, StoreUnavailable
from bot.messages import Incoming
from bot.vocabulary import MediaRefusal, MessageKind
from bot.webchat import forms
from bot.webchat.forms import FormRefused
from services.media.library import Handed, Library, Upload
from storage.repositories.media import UPLOAD

ROOM = 1 << 16
"""Bytes of a form besides its file."""

_SAID = {
    MediaRefusal.TOO_LARGE: (413, "file_too_large"),
    MediaRefusal.TYPE: (415, "file_type"),
    MediaRefusal.SUSPECTED: (422, "file_suspected"),
}
_KINDS = {"image": MessageKind.IMAGE, "audio": MessageKind.VOICE, "video": MessageKind.VIDEO}


@dataclass(frozen=True, slots=True)
class Form:
    """A file with the id that its page gave it."""

    id: str
    content: bytes


async def read(request: Request, largest: int) -> Form:
    """The form; FormRefused where it is too large, from another site, or holds no file."""
    forms.check_origin(request)
    bounded = Request(request.scope, _bounded(request, largest + ROOM))
    try:
        async with bounded.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            content = await file.read() if isinstance(file, UploadFile) else b""
            given = form.get("id")
    except HTTPException:
        raise FormRefused(400, "file_missing") from None
    if not content:
        raise FormRefused(400, "file_missing")
    return Form(given if isinstance(given, str) else "", content)


async def keep(library: Library, form: Form) -> Upload:
    """Into the branch's media; FormRefused in the visitor's words."""
    try:
        return await library.receive(form.content)
    except MediaRefused as refused:
        raise FormRefused(*_SAID[refused.reason]) from None
    except StoreUnavailable:
        raise FormRefused(503, "busy") from None


def message(visitor: str, form: Form, upload: Upload) -> Incoming:
    """The message that the file is."""
    kind = _KINDS.get(upload.type.split("/")[0], MessageKind.FILE)
    plain = forms.message(visitor, {"id": form.id})
    return Incoming(plain.sender, plain.platform_id, kind, media={UPLOAD: str(upload.id)})


def answer(handed: Handed | None) -> Response:
    """The file itself; who may not have it learns no more than that."""
    if handed is None:
        return Response(status_code=404)
    return Response(handed.content, media_type=handed.type, headers=dict(handed.headers))


def _bounded(request: Request, most: int) -> Receive:
    """The request's own bytes, until there are too many of them."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise FormRefused(413, "file_too_large")
    size = 0

    async def receive() -> Message:
        nonlocal size
        part = await request.receive()
        size += len(part.get("body", b""))
        if size > most:
            raise FormRefused(413, "file_too_large")
        return part

    return receive
