"""The platform's own word for no."""

from bot.channels.tencent.notation import Fields


class Refusal(Exception):
    """The platform answered with an error code; `words` are its own and may be shown to operators.

    `fields` is its whole answer.
    """

    def __init__(self, code: int, words: str = "", fields: Fields | None = None) -> None:
        super().__init__(str(code))
        self.code = code
        self.words = words[:200]
        self.fields = fields or {}
