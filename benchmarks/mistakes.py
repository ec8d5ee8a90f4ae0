"""What a validation of the products of `orders.py` has to find, told from the mistakes that were put into them.

The file is read line by line and each mistake is recognised by its text: no SHACL engine has a part in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from benchmarks.orders import DATA, NS, XSD

Result = tuple[str, ...]
_SHACL = "http://www.w3.org/ns/shacl#"
_VIOLATION = f"<{_SHACL}Violation>"
_NOBODY = f"<{DATA}nobody>"
_BLANK = "_"
"""A path of several steps, as `equal.results` shows it."""


def results(path: Path) -> list[Result]:
    """The results of `orders.shapes.ttl` on the N-Triples file ``path``, as `equal.results` shows those of a report."""
    found: set[Result] = set()
    with path.open(encoding="utf-8") as lines:
        for product in _products(lines, found):
            found.update(_of_product(product))
    return sorted(found)


Triple = tuple[str, str, str]


def _products(lines: Iterator[str], found: set[Result]) -> Iterator[list[Triple]]:
    """The triples of each product with its parts; what is wrong with producers goes into ``found``."""
    own: list[Triple] = []
    name = ""
    for line in lines:
        subject, predicate, value = line[:-3].split(" ", 2)
        predicate = predicate[1:-1].removeprefix(NS)
        if not subject.startswith(f"<{DATA}products/"):
            if predicate == "siret" and len(value) != 16:
                found.add(_result(subject, "siret", value, "Pattern"))
            continue
        product = subject[:-1].split("#")[0]
        if product != name and own:
            yield own
            own = []
        name = product
        own.append((subject, predicate, value))
    if own:
        yield own


def _of_product(triples: list[Triple]) -> Iterator[Result]:
    me = triples[0][0]
    values = {(subject, predicate): value for subject, predicate, value in triples}
    quantity, shop, group = (f"{me[:-1]}#{part}>" for part in ("quantity", "shop", "group"))
    if not values[me, "sku"].startswith('"SKU-'):
        yield _result(me, "sku", values[me, "sku"], "Pattern")
    if sum(predicate == "name" and value.endswith("@fr") for _, predicate, value in triples) > 1:
        yield _result(me, "name", "", "UniqueLang")
    if values[me, "category"] == f"<{NS}garden>":
        yield _result(me, "category", values[me, "category"], "In")
    if values[me, "producer"] == _NOBODY:
        yield _result(me, "producer", _NOBODY, "Class")
        yield (me, _BLANK, "", f"<{_SHACL}MinCountConstraintComponent>", _VIOLATION)
        yield (_NOBODY, _BLANK, "", f"<{_SHACL}MinCountConstraintComponent>", _VIOLATION)
    if "beaucoup" in values[me, "stock"]:
        yield _result(me, "stock", values[me, "stock"], "Datatype")
        yield _result(me, "stock", values[me, "stock"], "MinInclusive")
    if values[me, "availableFrom"] >= values[me, "availableUntil"]:
        yield _result(me, "availableFrom", values[me, "availableFrom"], "LessThan")
    if _number(values[quantity, "value"]) <= 0:
        yield _result(quantity, "value", _plain(values[quantity, "value"]), "MinExclusive")
        yield _result(me, "quantity", quantity, "Node")
    channels = []
    for offer in (shop, group):
        channels.append(values[offer, "channel"])
        if _number(values[offer, "price"]) < 0:
            yield _result(offer, "price", _plain(values[offer, "price"]), "MinInclusive")
        if values[offer, "channel"] == f"<{NS}fair>":
            yield _result(offer, "channel", values[offer, "channel"], "In")
    if channels.count(f"<{NS}shop>") != 1:
        yield _result(me, "offer", "", "QualifiedMinCount")
    elif _number(values[group, "price"]) > _number(values[shop, "price"]):
        yield (me, "", _plain(values[group, "price"]), f"<{_SHACL}SPARQLConstraintComponent>", _VIOLATION)


def _result(focus: str, path: str, value: str, component: str) -> Result:
    return focus, f"<{NS}{path}>", value, f"<{_SHACL}{component}ConstraintComponent>", _VIOLATION


def _number(literal: str) -> Decimal:
    return Decimal(literal.split('"')[1])


def _plain(literal: str) -> str:
    """A decimal without needless digits, as `equal.results` shows it."""
    return f'"{_number(literal).normalize():f}"^^<{XSD}decimal>'
