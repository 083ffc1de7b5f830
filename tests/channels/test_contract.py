"""Every adapter keeps the contract of channels."""

import logging
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import MovableClock
from bot.errors import WebhookError
from tests.channels.contract import CASES, WORDS, Case, Kit, checked, everything_goes_wrong, message
from tests.channels.kit_recording import recording_kit
from tests.channels.kit_telegram import telegram_kit
from tests.channels.kit_wechat import wechat_kit, wechat_plain_kit
from tests.channels.kit_wecom import wecom_app_kit, wecom_kit

KITS: dict[str, Callable[[MovableClock], AbstractAsyncContextManager[Kit]]] = {
    "recording": recording_kit,
    "telegram": telegram_kit,
    "wechat": wechat_kit,
    "wechat_plain": wechat_plain_kit,
    "wecom_app": wecom_app_kit,
    "wecom_desk": wecom_kit,
}
MUTED = ("httpx", "httpcore", "uvicorn.access")
"""Libraries that `bot.logs` keeps quiet, and the server of the doubles."""


@pytest_asyncio.fixture(params=KITS)
async def kit(request: pytest.FixtureRequest, clock: MovableClock) -> AsyncIterator[Kit]:
    async with KITS[request.param](clock) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_contract(kit: Kit, case: Case) -> None:
    if case.__name__ in kit.exempt:
        pytest.skip(kit.exempt[case.__name__])
    await case(kit)


async def test_what_does_not_apply_is_a_case_with_a_reason(kit: Kit) -> None:
    assert set(kit.exempt) <= {case.__name__ for case in CASES}
    assert all(len(reason.split()) >= 5 for reason in kit.exempt.values())


async def test_neither_lines_nor_errors_show_secrets_or_words(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await kit.channel.send(message(kit))
    seen = [*await checked(kit.channel), *await checked(kit.unreachable())]
    raised = await everything_goes_wrong(kit)
    lines = [logging.Formatter().format(line) for line in caplog.records if not line.name.startswith(MUTED)]
    told = "\n".join([*lines, repr(seen), *("".join(traceback.format_exception(error)) for error in raised)])
    shown = [secret for secret in (*kit.secrets, kit.client.address, WORDS) if secret in told]
    assert shown == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), cut=st.integers(0, 400))
async def test_a_signed_body_never_breaks_it(kit: Kit, noise: bytes, cut: int) -> None:
    genuine = kit.pushed(WORDS).body
    for body in (noise, genuine[:cut] + noise, genuine[:cut] + noise + genuine[cut + len(noise) :]):
        with suppress(WebhookError):
            received = await kit.channel.receive(kit.signed(body))
            assert received.answer.status == 200
