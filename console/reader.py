"""Who reads a page: their language and look, before anybody has signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.texts.words import Words
from bot.vocabulary import Locale
from console.context import Console
from console.rendering import environment
from console.times import Times

LOCALE_COOKIE = "quanfu_locale"
THEME_COOKIE = "quanfu_theme"
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Reader:
    """One request's reader."""

    console: Console
    request: Request

    @property
    def locale(self) -> Locale:
        """As chosen, else as the browser asks."""
        chosen = self.request.cookies.get(LOCALE_COOKIE)
        if chosen in list(Locale):
            return Locale(chosen)
        asked = self.request.headers.get("accept-language", "")
        return Locale.EN if asked.lower().startswith("en") else Locale.ZH_CN

    @property
    def words(self) -> Words:
        """The console's words in the reader's language."""
        return self.console.words.of(self.locale)

    @property
    def times(self) -> Times:
        """Writes times for this reader."""
        return Times(self.words, self.console.clock.now())

    def surroundings(self) -> Mapping[str, Any]:
        """What every template may name."""
        theme = self.request.cookies.get(THEME_COOKIE, "")
        texts = self.console.texts
        return {
            "t": self.words,
            "times": self.times,
            "label": lambda name: texts.label(name, self.locale),
            "icon": self.console.assets.icons.__getitem__,
            "asset": self.console.assets.addresses.__getitem__,
            "theme": theme if theme in THEMES else "",
            "locale": self.locale,
            "demo": self.console.demo,
            "path": address(self.request),
        }

    def render(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page."""
        page = environment().get_template(template).render({**self.surroundings(), **context})
        return HTMLResponse(page, status)


def address(request: Request) -> str:
    """The path and query asked for."""
    path = request.url.path
    return f"{path}?{request.url.query}" if request.url.query else path
