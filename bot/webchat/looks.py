"""How a visitor wants the page: language, light or dark, size of signs; kept in a cookie, so no script is needed."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.vocabulary import Locale

COOKIE = "quanfu_look"
THEMES = ("auto", "light", "dark")
SIZES = ("100", "125", "150")


@dataclass(frozen=True, slots=True)
class Look:
    """One visitor's choice."""

    locale: Locale = Locale.ZH_CN
    theme: str = "auto"
    size: str = "100"

    def cookie(self) -> str:
        """As the cookie keeps it."""
        return f"{self.locale.value}.{self.theme}.{self.size}"

    def query(self, **wanted: str) -> str:
        """As a frame's address keeps it, with something changed."""
        look = self.changed(wanted)
        return f"lang={look.locale.value}&theme={look.theme}&size={look.size}"

    def changed(self, wanted: Mapping[str, str]) -> "Look":
        """With what was asked for; unknown values change nothing."""
        locale = wanted.get("lang", "")
        theme, size = wanted.get("theme", ""), wanted.get("size", "")
        return Look(
            Locale(locale) if locale in set(Locale) else self.locale,
            theme if theme in THEMES else self.theme,
            size if size in SIZES else self.size,
        )


def read(cookie: str | None, languages: str) -> Look:
    """From the cookie; without one the browser's first language decides between Chinese and English."""
    if cookie is None:
        return Look(Locale.EN if languages.strip().lower().startswith("en") else Locale.ZH_CN)
    names = dict(zip(("lang", "theme", "size"), cookie.split("."), strict=False))
    return Look().changed(names)
