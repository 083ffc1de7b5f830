"""Style sheets, scripts and icons: served under the hash of their content, so that browsers may keep them for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
SHIPPED = (
    "console.css",
    "console.js",
    "theme.js",
    "mark.svg",
    "vendor/htmx/htmx.min.js",
    "vendor/tabler/tabler.min.css",
)
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file as it goes out."""

    body: bytes
    media_type: str


@dataclass(frozen=True)
class Assets:
    """All files by the path they are served under, their addresses by name, and the icons by name."""

    files: Mapping[str, Asset]
    addresses: Mapping[str, str]
    icons: Mapping[str, Markup]

    @classmethod
    def load(cls, prefix: str = "/console/static") -> "Assets":
        """Read everything once."""
        files, addresses = {}, {}
        for name in SHIPPED:
            body = (STATIC / name).read_bytes()
            path = f"{hashlib.sha256(body).hexdigest()[:16]}/{Path(name).name}"
            files[path] = Asset(body, MEDIA_TYPES[Path(name).suffix])
            addresses[name] = f"{prefix}/{path}"
        icons = {file.stem: _icon(file) for file in (STATIC / "vendor/tabler-icons").glob("*.svg")}
        return cls(files, addresses, icons)


def _icon(file: Path) -> Markup:
    """The drawing as it stands in a page: hidden from readers, since a word always stands beside it."""
    drawing = " ".join(file.read_text("utf-8").split())
    return Markup(drawing.replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S704 - a packaged file
