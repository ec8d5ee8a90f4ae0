"""Two frames compared."""

from datahub.rdf.compare import difference, same
from datahub.rdf.formats import parse


def test_labels_of_blank_nodes_do_not_count() -> None:
    left = parse(b"<http://a> <http://p> [ <http://q> 1 ] , [ <http://q> 2 ] .", "ttl")
    right = parse(b"_:x <http://q> 2 . <http://a> <http://p> _:y , _:x . _:y <http://q> 1 .", "ttl")
    assert same(left, right)


def test_a_difference_is_told_line_by_line() -> None:
    left = parse(b"<http://a> <http://p> 1 , 2 .", "ttl")
    right = parse(b"<http://a> <http://p> 2 , 3 .", "ttl")
    found = difference(left, right)
    assert [line[:30] for line in found.only_left] == ['<http://a> <http://p> "1"^^<ht']
    assert [line[:30] for line in found.only_right] == ['<http://a> <http://p> "3"^^<ht']
    assert not same(left, right)
