"""What the OpenAPI document promises is what is answered, also to what nobody would send."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import positive_data_acceptance
from schemathesis.core.result import Ok

from tests.console.api.conftest import CLIENT, Branch, Counter

EXAMPLES = 2
"""Of each kind for each address: some fifty requests."""
KNOWN = {"number": "A1", "code": "F1", "on": "2026-11-20"}
PRODUCT = {"name": "稳健一号", "risk": "R2", "rated_on": "2026-10-01"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough for what the document says."""
    return sqlite_url


async def test_every_answer_is_as_the_document_says(branch: Branch, counter: Counter) -> None:
    await counter("PUT", "/clients/A1", CLIENT)
    await counter("PUT", "/products/F1", PRODUCT)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", branch.app)
    answered: set[int] = set()

    def ask(case: Case[APIOperation[Any, Any, Any, Any]]) -> None:
        if case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE:
            case.path_parameters = {name: KNOWN[name] for name in case.path_parameters}
        answer = case.call(headers={"Authorization": f"Bearer {counter.token}"})
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])  # rules refuse what the form allows
        answered.add(answer.status_code)

    quick = settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    for operation in schema.get_all_operations():
        assert isinstance(operation, Ok)
        for mode in GenerationMode:
            quick(given(operation.ok().as_strategy(generation_mode=mode))(ask))()
    assert answered >= {200, 201, 422}
