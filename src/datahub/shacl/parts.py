"""Files too large for one frame, validated part by part: the same results, in the memory of a part.

`datahub.shacl.plan` says which shapes allow it. The file is cut once; then each part is read and evaluated by itself, and the
shapes that need all records are evaluated over those triples only that they can look at.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

import polars as pl

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame, ntriples_terms
from datahub.rdf.scatter import Chosen, Observed, Parts, sample, scatter
from datahub.rdf.terms import Term
from datahub.shacl import model as m
from datahub.shacl.change import recoded
from datahub.shacl.components import COMPONENTS
from datahub.shacl.data import Data, Nodes
from datahub.shacl.engine import Engine, Rows
from datahub.shacl.plan import Plan, Seen, Token, plan
from datahub.shacl.report import Report
from datahub.shacl.validation import hierarchy, mentioned

PART = 768 << 20
"""Bytes of N-Triples that are validated at once."""
ROOM = 1.5
"""How much room temporary files may need, as a multiple of the file."""
Pairs = frozenset[tuple[str, str]]


def planned(path: Path, shapes: m.Shapes) -> Plan | None:
    """How ``shapes`` would be evaluated on parts of an N-Triples or N-Quads file, judged by a sample of it; None where it is in
    another layout than one plain statement a line."""
    sampled = sample(path, graphs=_graphs(path))
    return None if sampled is None else plan(shapes, _seen(sampled[0], _shares(sampled[1])))


def validate_parts(
    path: Path, shapes: m.Shapes, parts: int, *, ontology: Frame | None = None, now: datetime | None = None
) -> Report | None:
    """The report of `validate` on an N-Triples or N-Quads file, which is cut into ``parts``; None where it can't be: the shapes
    need all of it at once, or it is in another layout than one plain statement a line.

    The file is cut into temporary files that take as much room as itself. Raises `InputError`: ``parts-room`` where there is not
    enough, and what `datahub.rdf.formats.parse` raises.
    """
    sampled = sample(path, graphs=_graphs(path))
    if sampled is None:
        return None
    _check_room(path)
    observed, shares = sampled[0], _shares(sampled[1])
    if ontology is not None:
        observed |= Observed(below=frozenset((cls.lexical, above.lexical) for cls, above in hierarchy(ontology)))
    while (chosen := plan(shapes, _seen(observed, shares))).in_parts:
        with tempfile.TemporaryDirectory(prefix="datahub-parts-") as folder:
            cut = _cut(path, Path(folder), parts, chosen, observed.below)
            if cut is None:
                return None
            # A sample may have missed a way out of a record, or a subclass: what was left out for that is cut again.
            known, observed = observed, observed | cut.observed
            if _same(chosen, plan(shapes, _seen(observed, shares)), known.below, observed.below):
                moment = now or datetime.now(UTC)
                return _report(_evaluated(path, cut, chosen, shapes, ontology, moment), shapes)
    return None


def _check_room(path: Path) -> None:
    folder = tempfile.gettempdir()
    needed, free = path.stat().st_size, shutil.disk_usage(folder).free
    if free < ROOM * needed:
        raise InputError(
            "parts-room",
            Text(
                "{needed} MB of temporary files are needed, and {folder} has room for {free} MB.",
                "{needed} Mo de fichiers temporaires sont nécessaires, et {folder} n'a de place que pour {free} Mo.",
            ).format(needed=int(ROOM * needed) >> 20, folder=folder, free=free >> 20),
            Text(
                "Name a folder with more room in the variable TMPDIR.",
                "Indiquez un dossier qui a plus de place dans la variable TMPDIR.",
            ),
        )


def _graphs(path: Path) -> bool:
    return path.suffix.lower() == ".nq"


def _seen(observed: Observed, shares: Mapping[Token, float]) -> Seen:
    return Seen(observed.outer, observed.valued, shares)


def _shares(counts: pl.DataFrame) -> Mapping[Token, float]:
    total = max(1, int(counts["n"].sum()))
    shares: dict[Token, float] = {}
    for predicate, cls, count in counts.iter_rows():
        if cls is not None:
            shares[predicate, Term.iri(cls)] = count / total
        shares[predicate, None] = shares.get((predicate, None), 0.0) + count / total
    return shares


def _same(one: Plan, other: Plan, below: Pairs, more: Pairs) -> bool:
    """Whether both plans choose the same triples for the same shapes, given the subclasses that each knew of."""
    if one.by_records != other.by_records or one.shared != other.shared or one.gathered != other.gathered:
        return False
    return below == more or all(
        _chosen(tokens, below) == _chosen(tokens, more) for tokens in (one.shared, one.gathered or frozenset())
    )


def _cut(path: Path, folder: Path, parts: int, chosen: Plan, below: Pairs) -> Parts | None:
    gathered = None if not chosen.on_all or chosen.gathered is None else _chosen(chosen.gathered, below)
    return scatter(path, folder, parts, shared=_chosen(chosen.shared, below), gathered=gathered, graphs=_graphs(path))


def _chosen(tokens: Iterable[Token], below: Pairs) -> Chosen:
    """The triples that ``tokens`` stand for, classes with those below them."""
    classes = {cls.lexical for predicate, cls in tokens if cls is not None}
    while more := {lower for lower, upper in below if upper in classes} - classes:
        classes |= more
    return Chosen(frozenset(predicate for predicate, cls in tokens if cls is None), frozenset(classes))


@dataclass(frozen=True)
class _Found:
    """What one part gave: the results of each targeted shape that had focus nodes there, over ``terms``; ``focus``: hashes of the
    focus nodes."""

    rows: dict[Term, list[Rows]]
    terms: pl.DataFrame
    focus: pl.Series


def _evaluated(
    path: Path, cut: Parts, chosen: Plan, shapes: m.Shapes, ontology: Frame | None, now: datetime
) -> Iterator[_Found]:
    """The results by part of the file ``path``; the next part is read meanwhile."""
    tasks: list[tuple[Path, tuple[m.Shape, ...], Own]] = [
        (file, chosen.by_records, partial(_own, cut, number)) for number, file in enumerate(cut.files)
    ]
    if chosen.on_all:
        tasks.append((cut.gathered, chosen.on_all, _all))
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(_read, tasks[0][0], path)
        for number, (_, wanted, own) in enumerate(tasks, 1):
            frame = reading.result()
            if number < len(tasks):
                reading = aside.submit(_read, tasks[number][0], path)
            engine = Engine(
                Data(frame, mentioned(shapes), () if ontology is None else hierarchy(ontology)), shapes, COMPONENTS, now
            )
            yield _found(engine, wanted, own)


Own = Callable[[Data, Nodes], Nodes]
"""Of the nodes that a target selects those that a part has to check: triples that all parts share select nodes of others, too."""


def _own(cut: Parts, number: int, data: Data, focus: Nodes) -> Nodes:
    mine = cut.number(ntriples_terms(data.terms[focus.codes])) == number
    return focus if mine.all() else data.nodes(focus.codes.filter(mine))


def _all(data: Data, focus: Nodes) -> Nodes:
    return focus


def _read(part: Path, path: Path) -> Frame:
    try:
        return parse(part, part.suffix[1:])
    except InputError as error:
        raise _located(error, part, path) from None
    finally:
        part.unlink()


def _located(error: InputError, part: Path, path: Path) -> InputError:
    """``error`` in a line of ``part``, told with the number that the line has in the file ``path``."""
    if error.place.row is None:
        return error
    with part.open("rb") as lines:
        wrong = next(islice(lines, error.place.row - 1, None))
    with path.open("rb") as lines:
        number = next(number for number, line in enumerate(lines) if line.rstrip(b"\r\n") == wrong.rstrip(b"\n"))
    try:
        parse(b"\n" * number + wrong, part.suffix[1:])
    except InputError as located:
        return located
    return error


def _found(engine: Engine, wanted: Iterable[m.Shape], own: Own) -> _Found:
    data = engine.data
    rows: dict[Term, list[Rows]] = {}
    focused = [pl.Series(dtype=pl.UInt32)]
    mine: dict[tuple[m.Target, ...], Nodes] = {}  # one set for equal targets: what is found for it is remembered
    for shape in wanted:
        if shape.targets not in mine:
            mine[shape.targets] = own(data, engine.focus(shape))
        focus = mine[shape.targets]
        if len(focus):
            focused.append(focus.codes)
            rows[shape.node] = engine.results(shape, focus)
    named = [found.table[name].drop_nulls() for each in rows.values() for found in each for name in _CODES]
    used = pl.concat([pl.Series(dtype=pl.UInt32), *named]).unique().sort()
    # Only the terms of the results are kept; the nodes that were checked are counted by their hashes.
    small = {node: [_renumbered(found, used) for found in each] for node, each in rows.items()}
    return _Found(small, data.terms[used], data.terms[pl.concat(focused).unique()].hash_rows(0))


_CODES = ("focus", "value", "path")


def _renumbered(found: Rows, used: pl.Series) -> Rows:
    """``found`` with positions in ``used`` for codes."""
    places = [
        pl.select(pl.when(found.table[name].is_not_null()).then(used.search_sorted(found.table[name])))
        .to_series()
        .cast(pl.UInt32)
        .alias(name)
        for name in _CODES
    ]
    return Rows(found.shape, found.constraint, found.table.with_columns(places))


def _report(found: Iterable[_Found], shapes: m.Shapes) -> Report:
    """The results of all parts as one report, in the order of the shapes."""
    parts = list(found)
    terms, codes = recoded([part.terms for part in parts])
    rows = [
        together
        for shape in shapes.targeted
        for together in _joined((part.rows.get(shape.node, []), code) for part, code in zip(parts, codes, strict=True))
    ]
    unused = tuple(shape for shape in shapes.targeted if all(shape.node not in part.rows for part in parts))
    nodes = pl.concat([part.focus for part in parts]).n_unique()
    return Report(tuple(rows), terms, shapes, unused, nodes)


def _joined(parts: Iterable[tuple[list[Rows], pl.Series]]) -> Iterator[Rows]:
    """The results of one targeted shape, those of one constraint together."""
    tables: dict[tuple[Term, m.Constraint], list[pl.DataFrame]] = {}
    shapes: dict[Term, m.Shape] = {}
    for rows, codes in parts:
        for found in rows:
            shapes[found.shape.node] = found.shape
            coded = found.table.with_columns(codes.gather(found.table[name]).alias(name) for name in _CODES)
            tables.setdefault((found.shape.node, found.constraint), []).append(coded)
    for (node, constraint), some in tables.items():
        yield Rows(shapes[node], constraint, pl.concat(some))
