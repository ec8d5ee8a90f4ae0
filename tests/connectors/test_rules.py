"""The rules that are shipped: anybody may have a file checked by them, so no file may keep them busy for long."""

import pytest

from datahub.connectors import connectors
from datahub.connectors.checking import shapes_for
from datahub.profiles import profiles
from datahub.shacl import Shapes
from datahub.shacl.model import Custom, Pattern, Sparql

RULES = [
    *(pytest.param(shapes_for(one.name, None), id=one.name) for one in profiles()),
    *(pytest.param(shapes_for(None, one), id=one.name) for one in connectors()),
]


@pytest.mark.parametrize("rules", RULES)
def test_shipped_rules_need_neither_a_query_engine_nor_a_pattern_that_goes_back(rules: Shapes) -> None:
    """Queries have no limit of time; patterns that go back have one, which would refuse the file."""
    constraints = [each for shape in rules.by_node.values() for each in shape.constraints]
    assert constraints
    assert not [each for each in constraints if isinstance(each, Sparql | Custom)]
    assert all(each.matcher.linear for each in constraints if isinstance(each, Pattern))
