"""Whatever requests come in whatever order, each is carried out as its key says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import MovableClock
from bot.errors import Conflict, Refused
from bot.vocabulary import Role, Scope
from services.integrations import entrance, register
from services.integrations.once import KEPT, Answer, Request, carried_out
from services.integrations.register import Wish
from storage.repositories import staff
from storage.repositories.integrations import Integration
from storage.unit import Unit
from tests.services.integrations.test_register import NOW, person

Step = tuple[str | None, bytes, int, bool]
STEPS = st.lists(
    st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([b"1", b"2"]), st.integers(0, 20), st.booleans()),
    max_size=12,
)


@pytest.fixture
def integration(work: Unit) -> Integration:
    """A system that was let in."""
    found = entrance.known(work, register.add(work, person(work, Role.ADMIN), Wish("a", [Scope.CLIENTS_READ]), NOW))
    assert found is not None
    return found


@dataclass
class Counting:
    """Work that tells how often it was done, or is refused."""

    done: int = 0
    refused: bool = False

    def __call__(self, _: Unit) -> Answer:
        if self.refused:
            raise Refused("client_unknown")
        self.done += 1
        return Answer(201, str(self.done))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_each_request_is_done_once_for_its_key_and_day(work: Unit, integration: Integration, steps: list[Step]) -> None:
    work.connection.exec_driver_sql("DELETE FROM api_answers")
    work.session.expunge_all()
    clock, counting, known = MovableClock(), Counting(), dict[str, tuple[bytes, Answer, datetime]]()
    for key, body, hours, counting.refused in steps:
        clock.move(timedelta(hours=hours))
        request = Request(integration, key, "POST", "/codes", body, clock.now())
        held = known.get(key) if key else None
        if held and held[2] + KEPT > clock.now():
            if held[0] == body:
                assert carried_out(work, request, counting) == held[1]
            else:
                with pytest.raises(Conflict, match="key_used"):
                    carried_out(work, request, counting)
        elif counting.refused:
            with pytest.raises(Refused, match="client_unknown"):
                carried_out(work, request, counting)
        else:
            before = counting.done
            answer = carried_out(work, request, counting)
            assert answer == Answer(201, str(before + 1))
            known |= {key: (body, answer, clock.now())} if key else {}


def test_systems_do_not_share_their_keys(work: Unit, integration: Integration) -> None:
    admin = staff.by_number(work, Role.ADMIN)
    assert admin is not None
    other = entrance.known(work, register.add(work, admin, Wish("b", [Scope.CLIENTS_READ]), NOW))
    assert other is not None
    counting = Counting()
    for whose, body, number in ((integration, b"1", "1"), (other, b"2", "2"), (integration, b"1", "1")):
        request = Request(whose, "a", "POST", "/codes", body, NOW)
        assert carried_out(work, request, counting).body == number
