"""What the answer engine says about one text of a client."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What kind of text it was, and so what the handlers do with it."""

    ANSWERED = "answered"
    CANDIDATES = "candidates"
    CLARIFY = "clarify"
    REFUSED = "refused"
    RELATED = "related"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    COMPLAINT = "complaint"
    PERSON = "person"
    GREETING = "greeting"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    CRISIS = "crisis"


class Matter(StrEnum):
    """What a client asks of their own record."""

    ADVISER = "adviser"
    RISK = "risk"
    COMPLAINT = "complaint"
    CONSENTS = "consents"
    ALERTS = "alerts"
    EVENTS = "events"


class Refusal(StrEnum):
    """Why a text is refused; each value names the reply text `refusal.<value>`."""

    STOCK_ADVICE = "stock_advice"
    INSIDE_INFO = "inside_info"
    OTHER_PERSON = "other_person"
    PROMISE = "promise"
    PROXY_TRADING = "proxy_trading"
    SECRET_REQUEST = "secret_request"  # noqa: S105 (a reason, not a secret)
    EVASION = "evasion"
    INJECTION = "injection"
    OUT_OF_SCOPE = "out_of_scope"


THANKS = "thanks"
"""The reason of a greeting that is thanks, a farewell or a nod."""


@dataclass(frozen=True)
class Scored:
    """An entry with the confidence, 0 to 1, that it is the right one."""

    entry_id: str
    score: float


@dataclass(frozen=True)
class Finding:
    """The outcome, at most three entries best first, and the reason of a refusal or of a greeting.

    `ruled`: by a rule, not a likeness.

    `asked` is the question in full where the text leaned on what was said before. `several`: the text held several
    questions, and the entries answer one each, in their order. `matter`: it asks of the client's own record, and the
    rest is what is said to everybody.
    """

    outcome: Outcome
    entries: tuple[Scored, ...] = ()
    reason: str | None = None
    asked: str | None = None
    several: bool = False
    matter: Matter | None = None
    ruled: bool = field(default=False, compare=False)
