"""A store that speaks as much S3 as keeping media needs: put, get and delete under a signature."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import Clock, SystemClock
from tests.doubles.faults import Faults
from tests.doubles.gateway import Gateway
from tests.doubles.ledger import Ledger

ACCESS_KEY, SECRET_KEY, REGION, BUCKET = "double-access", "double-secret-key", "cn-double-1", "media"
_AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})")


@dataclass
class S3Double:
    """Objects, script and ledger of one bucket; serve it with `running(S3Double())`."""

    clock: Clock = field(default_factory=SystemClock)
    objects: dict[str, bytes] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    root: str = ""

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.clock)
        self.gateway = Gateway(self.ledger, self.faults, lambda: None)

    def app(self) -> Starlette:
        """One bucket, addressed by path."""
        return Starlette(routes=[Route("/{bucket}/{key:path}", self._call, methods=["PUT", "GET", "DELETE"])])

    async def open(self) -> None:
        """Nothing runs in the background."""

    async def close(self) -> None:
        """Nothing to end."""

    async def _call(self, request: Request) -> Response:
        body, key = await request.body(), str(request.path_params["key"])
        return await self.gateway.hand_out(request, request.method, key, lambda: self._answer(request, key, body))

    def _answer(self, request: Request, key: str, body: bytes) -> Response:
        refusal = _refusal(request, body)
        if refusal:
            return Response(_fault(refusal), 403, media_type="application/xml")
        if request.path_params["bucket"] != BUCKET:
            return Response(_fault("NoSuchBucket"), 404, media_type="application/xml")
        headers = {"etag": '"x"', "last-modified": "Mon, 23 Nov 2026 02:00:00 GMT"}
        if request.method == "PUT":
            self.objects[key] = body
            return Response(headers=headers)
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return Response(status_code=204)
        if key not in self.objects:
            return Response(_fault("NoSuchKey"), 404, media_type="application/xml")
        return Response(self.objects[key], headers=headers)


def _refusal(request: Request, body: bytes) -> str:
    """The platform's word for what is wrong with the signature; "" where it is right."""
    given = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    stamp, digest = request.headers.get("x-amz-date", ""), request.headers.get("x-amz-content-sha256", "")
    scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
    if given is None or given[1] != f"{ACCESS_KEY}/{scope}":
        return "InvalidAccessKeyId"
    if digest != hashlib.sha256(body).hexdigest():
        return "XAmzContentSHA256Mismatch"
    names = given[2].split(";")
    lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    path = quote(request.url.path, safe="/")
    canonical = f"{request.method}\n{path}\n{request.url.query}\n{lines}\n{given[2]}\n{digest}"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{SECRET_KEY}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    right = hmac.new(key, text.encode(), "sha256").hexdigest()
    return "" if hmac.compare_digest(right, given[3]) else "SignatureDoesNotMatch"


def _fault(code: str) -> str:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>scripted</Message></Error>"
