"""The server keeps to its own OpenAPI document: no request that fits it makes it fail or answer as it does not say."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.web.street import Street

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
EXAMPLES = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_route_keeps_to_the_document(street: Street) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", street.client.app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == sum(len(item) for item in street.client.get("/openapi.json").json()["paths"].values())
    for operation in operations:

        @EXAMPLES
        @given(case=operation.as_strategy())
        def probe(case: schemathesis.Case) -> None:
            case.validate_response(case.call(), checks=CHECKS)

        probe()
