"""Evaluates the expressions of a mapping over the rows of one source, column by column.

A reference that has several values per row (a JSON array, a split cell) makes a wider scope in which each value has its own
line; what has one value per row is evaluated once and gathered. Term maps of one triple are evaluated in the scope of all their
several-valued parts, so that their combinations come out (RML-Core section 9).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.mapping import iri
from datahub.mapping.lenses import Arguments, Codes
from datahub.mapping.model import Call, Constant, Expression, Reference, Template, TermMap, TermType, references
from datahub.mapping.plan import Plan, calls_in
from datahub.rdf.columns import Column, Joined
from datahub.rdf.terms import BLANK, IRI, LITERAL, Term
from datahub.sources.table import Table

Leaf = Reference | Call
"""What may have several values in a row."""


MAX_LINES = 20_000_000
"""How many lines the combinations of several-valued references or of a join may have."""


def check_size(lines: int, what: str) -> None:
    """Raises `InputError` where ``lines`` are more than `MAX_LINES`: a small file must not take the machine."""
    if lines > MAX_LINES:
        raise InputError(
            "too-many-combinations",
            Text(
                f"The values of {what} make {lines} combinations; at most {MAX_LINES} are read.",
                f"Les valeurs de {what} donnent {lines} combinaisons ; {MAX_LINES} au plus sont lues.",
            ),
            Text("Send the data in smaller files.", "Envoyez les données en fichiers plus petits."),
        )


@dataclass(frozen=True)
class Failure:
    """Cells that a lens could not read: ``index`` into the table's lines, ``values`` what stood there."""

    call: Call | None
    column: str | None
    index: pl.Series
    values: pl.Series


class Rows:
    """The rows of one source, with all their scopes. ``start``: how many lines of the source came before these."""

    def __init__(self, table: Table, plan: Plan, codes: Codes, start: int = 0) -> None:
        self.table = table
        self.start = start
        self.plan = plan
        self.codes = codes
        self.height = table.columns.height
        self.failures: list[Failure] = []
        self._lists = {name for name, dtype in table.columns.schema.items() if isinstance(dtype, pl.List)}
        self._scopes: dict[frozenset[Leaf], Scope] = {}
        self._unsafe: dict[tuple[str, bool], bool] = {}
        self._different: dict[str, bool] = {}

    def leaves(self, *expressions: Expression | None) -> frozenset[Leaf]:
        """The several-valued parts of ``expressions``."""
        return frozenset(leaf for expression in expressions for leaf in self._leaves(expression))

    def _leaves(self, expression: Expression | None) -> Iterator[Leaf]:
        if isinstance(expression, Reference) and expression.name in self._lists:
            yield expression
        elif isinstance(expression, Template):
            for part in expression.references:
                yield from self._leaves(part)
        elif isinstance(expression, Call):
            for _, value in expression.inputs:
                yield from self._leaves(value)
            if self.plan.calls[expression].lens.several:
                yield expression

    def scope(self, leaves: frozenset[Leaf]) -> Scope:
        """The scope in which each of ``leaves`` has one value per line."""
        if leaves not in self._scopes:
            self._scopes[leaves] = Scope(self, leaves)
        return self._scopes[leaves]

    def prepare(self, calls: list[Call], encoded: list[tuple[str, bool]]) -> None:
        """Evaluates ahead, in parallel, the ``calls`` of one value per row, and whether the columns ``encoded`` need encoding."""
        self.check_encoding(encoded)
        base = self.scope(frozenset())
        base.compute([call for call in calls if not self.leaves(call)])

    def check_encoding(self, columns: list[tuple[str, bool]]) -> None:
        """Finds out which of ``columns`` (name, whether ASCII only) hold anything to percent-encode."""
        for name, strict in columns:
            if name not in self._lists and (name, strict) not in self._unsafe:
                self._unsafe[name, strict] = not iri.is_safe(self.table.columns[name], ascii_only=strict)

    def unsafe(self, name: str, *, ascii_only: bool) -> bool:
        """Whether the column ``name`` may hold a character to encode."""
        return self._unsafe.get((name, ascii_only), True)

    def close(self) -> None:
        """Lets go of the scopes, which hold these rows as these hold them: nothing waits for a collection of cycles."""
        self._scopes.clear()

    def different(self, name: str) -> bool:
        """Whether no two rows have the same value in the column ``name``."""
        if name not in self._different:
            self._different[name] = _all_different(self.table.columns[name])
        return self._different[name]


class Scope:
    """Lines over the rows of a source: ``index`` tells the row of each, None for the rows themselves."""

    def __init__(self, rows: Rows, leaves: frozenset[Leaf]) -> None:
        self.rows = rows
        self.leaves = leaves
        self.index: pl.Series | None = None
        self.columns = rows.table.columns
        self._calls: dict[Call, pl.Series] = {}
        self._cells: dict[str, pl.Series] = {}
        self._terms: dict[tuple[TermMap, str, str], list[Column | Term]] = {}
        if leaves:
            self._widen()
        self.height = self.columns.height
        numbers = rows.table.rows
        self.numbers = numbers if self.index is None else numbers.gather(self.index)

    def _widen(self) -> None:
        """One line per combination of the values of the leaves; rows where one is empty keep a line with a null."""
        lists = [leaf.name for leaf in self.leaves if isinstance(leaf, Reference)]
        wide = self.columns.with_row_index("\0row")
        if lists:
            lines = pl.DataFrame([_width(wide[name]).alias(name) for name in lists])
            check_size(
                int(lines.select(pl.fold(pl.lit(1.0), lambda a, b: a * b, pl.all())).sum().item()), ", ".join(lists)
            )
        for name in lists:
            kept = self.rows.table.mixed.get(name)
            wide = wide.explode([name] if kept is None else [name, kept])
        for call in sorted((leaf for leaf in self.leaves if isinstance(leaf, Call)), key=lambda c: len(str(c))):
            self.columns = wide
            name = f"\0{call!r}"
            values = wide.select(self._compile_call(call).alias(name)).to_series()
            check_size(int(_width(values).sum()), str(call))
            wide = wide.with_columns(values).explode(name)
            for known in list(self._calls):
                self._calls[known] = wide[f"\0{known!r}"]
            self._calls[call] = wide[name]
        self.index = wide["\0row"].cast(pl.UInt32)
        self.columns = wide

    # Values

    def value(self, expression: Expression, encode: TermType | None = None) -> pl.Series:
        """The text of ``expression`` on each line, null where there is none; ``encode`` for IRI templates."""
        if self.leaves and not self.rows.leaves(expression):
            assert self.index is not None
            return self.rows.scope(frozenset()).value(expression, encode).gather(self.index)
        if isinstance(expression, Reference):
            return self.columns[expression.name].alias("")
        if isinstance(expression, Call):
            self.compute([expression])
            return self._calls[expression]
        if isinstance(expression, Constant):
            return pl.repeat(expression.term.lexical, self.height, dtype=pl.String, eager=True)
        made = self._template(expression, encode).alias("")  # first: it may add columns
        return self.columns.select(made).to_series()

    def compute(self, calls: list[Call]) -> None:
        """Evaluates ``calls`` with the calls in them, those of one depth in parallel."""
        wanted = list(dict.fromkeys(inner for call in calls for inner in calls_in(call) if inner not in self._calls))
        while wanted:
            ready = [call for call in wanted if all(inner in self._calls for inner in calls_in(call) if inner != call)]
            local = [call for call in ready if not self.leaves or self.rows.leaves(call)]
            for call in ready:
                if call not in local:
                    self._calls[call] = self.value(call)
            if local:
                names = [str(number) for number in range(len(local))]
                frame = self.columns.with_columns([self._calls[c].alias(f"\0{c!r}") for c in self._calls])
                made = frame.select(
                    self._compile_call(call).alias(name) for call, name in zip(local, names, strict=True)
                )
                for call, name in zip(local, names, strict=True):
                    series = made[name]
                    if len(series) != self.height:  # a call without columns
                        series = series.new_from_index(0, self.height) if len(series) else series
                    self._calls[call] = series
                    self._note_failures(call)
            wanted = [call for call in wanted if call not in ready]

    def _compile(self, expression: Expression) -> pl.Expr:
        if isinstance(expression, Reference):
            return pl.col(expression.name)
        if isinstance(expression, Constant):
            return pl.lit(expression.term.lexical)
        if isinstance(expression, Template):
            return self._template(expression, None)
        return pl.col(f"\0{expression!r}") if expression in self._calls else self._compile_call(expression)

    def _compile_call(self, call: Call) -> pl.Expr:
        resolved = self.rows.plan.calls[call]
        columns = {
            name: self._compile(value) for name, value in resolved.inputs.items() if not isinstance(value, Constant)
        }
        return resolved.lens.forward(Arguments(columns, resolved.constants, self.rows.codes))

    def _template(self, template: Template, encode: TermType | None) -> pl.Expr:
        names = {part: pl.col(self._encoded(part.name, encode)) for part in template.references}
        return pl.concat_str([pl.lit(part) if isinstance(part, str) else names[part] for part in template.parts])

    def _joined(self, template: Template, encode: TermType) -> Joined:
        """The parts of ``template``, each column one and the same wherever it stands: a record and the nodes below it are named by
        the same columns."""
        parts: list[str | pl.Series] = []
        for part in template.parts:
            name = part if isinstance(part, str) else self._encoded(part.name, encode)
            parts.append(name if isinstance(part, str) else self._cells.setdefault(name, self.columns[name]))
        return Joined(tuple(parts))

    def _encoded(self, name: str, encode: TermType | None) -> str:
        """The name of the column that holds the column ``name`` percent-encoded, where ``encode`` wants that; it is kept."""
        strict = encode is TermType.URI
        if encode not in (TermType.IRI, TermType.URI) or not (self.leaves or self.rows.unsafe(name, ascii_only=strict)):
            return name
        encoded = f"\0{'uri' if strict else 'iri'} {name}"
        if encoded not in self.columns.columns:
            self.columns = self.columns.with_columns(iri.encoded(self.columns[name], ascii_only=strict).alias(encoded))
        return encoded

    def _note_failures(self, call: Call) -> None:
        resolved = self.rows.plan.calls[call]
        if not resolved.lens.partial or resolved.value is None:
            return
        given, made = self.value(resolved.value), self._calls[call]
        if given.null_count() == made.null_count():
            return
        lost = (given.is_not_null() & made.is_null()).arg_true()
        names = list(references(resolved.value))
        self.note(call, names[0] if names else None, lost, given.gather(lost))

    def note(self, call: Call | None, column: str | None, lines: pl.Series, values: pl.Series) -> None:
        """Remembers that ``lines`` of this scope hold unreadable ``values``."""
        index = lines.cast(pl.UInt32) if self.index is None else self.index.gather(lines)
        self.rows.failures.append(Failure(call, column, index, values))

    def distinct(self, term_map: TermMap, base: str, name: str = "") -> bool:
        """Whether ``term_map`` gives each line a term of its own."""
        if self.leaves:
            return False
        expression = term_map.expression
        if expression is None or (isinstance(expression, Constant) and self.height < 2):
            return True
        if isinstance(expression, Template) and len(expression.references) == 1:
            return self.rows.different(expression.references[0].name)  # encoding keeps different values apart
        terms = self.term(term_map, base, name)
        return len(terms) == 1 and isinstance(terms[0], Column) and _all_different(terms[0].lexical)

    # Terms

    def term(self, term_map: TermMap, base: str, name: str = "") -> list[Column | Term]:
        """The terms of ``term_map``: columns of one datatype and language each, which are null where another one holds.

        ``base`` is put before relative IRIs; ``name`` keeps the blank nodes of maps without expression apart.
        """
        key = (term_map, base, name if term_map.expression is None else "")
        if key not in self._terms:
            self._terms[key] = list(self._term(term_map, base, name))
        return self._terms[key]

    def _term(self, term_map: TermMap, base: str, name: str) -> Iterator[Column | Term]:
        expression, kind = term_map.expression, term_map.type
        if isinstance(expression, Constant) and kind is not TermType.LITERAL and term_map.condition is None:
            term = expression.term
            yield Term.iri(base + term.lexical) if kind.is_iri and not iri.is_absolute(term.lexical) else term
            return
        if (
            isinstance(expression, Constant)
            and term_map.condition is None
            and not (term_map.datatype or term_map.language)
        ):
            yield expression.term
            return
        plainly = kind.is_iri and term_map.condition is None and not self.leaves
        if plainly and isinstance(expression, Template) and expression.references:
            yield Column(IRI, self._joined(_resolve(expression, base), kind))
            return
        lexical = self._lexical(term_map, base, name)
        if term_map.condition is not None:
            holds = self.value(term_map.condition) == "true"
            lexical = lexical.zip_with(holds.fill_null(value=False), pl.Series([None], dtype=pl.String))
        if kind is not TermType.LITERAL:
            yield Column(BLANK if kind is TermType.BLANK else IRI, lexical)
            return
        yield from self._literals(term_map, lexical, base)

    def _lexical(self, term_map: TermMap, base: str, name: str) -> pl.Series:
        expression, kind = term_map.expression, term_map.type
        if expression is None:
            index = self.index if self.index is not None else pl.arange(0, self.height, dtype=pl.UInt32, eager=True)
            line = index.cast(pl.UInt64) + self.rows.start
            return _select(line, lambda i: pl.concat_str([pl.lit(f"b{name.encode().hex()}r"), i.cast(pl.String)]))
        if kind is TermType.BLANK:
            return _select(self.value(expression), lambda v: pl.lit("b") + v.cast(pl.Binary).bin.encode("hex"))
        if kind is TermType.LITERAL:
            return self.value(expression)
        if isinstance(expression, Template):
            return self.value(_resolve(expression, base), kind)
        text = self.value(expression)
        whole = _select(text, lambda v: iri.absolute(v, base))
        good = _select(whole, iri.valid)
        if not good.all():
            bad = (~good).arg_true()
            names = list(references(expression))
            self.note(None, names[0] if names else None, bad, text.gather(bad))
            whole = whole.zip_with(good.fill_null(value=True), pl.Series([None], dtype=pl.String))
        return whole

    def _literals(self, term_map: TermMap, lexical: pl.Series, base: str) -> Iterator[Column]:
        datatype, language = term_map.datatype, term_map.language
        varying = language if language is not None else datatype
        if varying is None and isinstance(term_map.expression, Reference):
            kept = self.rows.table.mixed.get(term_map.expression.name)
            varying = None if kept is None else Reference(kept)
        if varying is None or isinstance(varying, Constant):
            fixed = varying.term.lexical if varying is not None else self._natural_datatype(term_map.expression)
            plain = self.rows.table.plain and isinstance(term_map.expression, Reference)
            if language is None:
                yield Column(LITERAL, lexical, fixed, plain=plain)
            else:
                yield Column(LITERAL, lexical, None, fixed, plain)
            return
        tags = self.value(varying, TermType.IRI if language is None else None)
        if language is None:
            tags = _select(tags, lambda v: iri.absolute(v, base))
        for tag in tags.drop_nulls().unique().sort().to_list():
            own = lexical.zip_with((tags == tag).fill_null(value=False), pl.Series([None], dtype=pl.String))
            yield Column(LITERAL, own, None, tag) if language is not None else Column(LITERAL, own, tag)

    def _natural_datatype(self, expression: Expression | None) -> str | None:
        if isinstance(expression, Constant):
            return expression.term.datatype
        if isinstance(expression, Reference):  # JSON numbers and booleans have a datatype of their own
            return self.rows.table.types.get(expression.name)
        return self.rows.plan.calls[expression].lens.datatype if isinstance(expression, Call) else None


def _all_different(values: pl.Series) -> bool:
    return values.n_unique() - (values.null_count() > 0) == len(values) - values.null_count()


def _width(lists: pl.Series) -> pl.Series:
    """How many lines each row makes: as many as it has values, one where it has none."""
    return lists.list.len().fill_null(1).clip(1).cast(pl.Float64)


def _select(series: pl.Series, make: object) -> pl.Series:
    assert callable(make)
    return pl.DataFrame({"v": series}).select(make(pl.col("v")).alias("")).to_series()


def _resolve(template: Template, base: str) -> Template:
    """``template`` with ``base`` before it where it is relative. A leading reference is: its colon will be encoded."""
    first = template.parts[0] if template.parts else ""
    if isinstance(first, str) and iri.is_absolute(first):
        return template
    return Template((base + first, *template.parts[1:]) if isinstance(first, str) else (base, *template.parts))
