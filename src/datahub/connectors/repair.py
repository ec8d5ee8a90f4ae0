"""Names and values that peers write and no vocabulary has, brought right; every repair is told once, with its count."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import polars as pl

from datahub.connectors.definition import Repairs
from datahub.findings import findings
from datahub.profiles.namespaces import compact, expand, prefixes
from datahub.profiles.vocabulary import vocabulary
from datahub.rdf.frame import TERM_SCHEMA, Frame
from datahub.rdf.rewrite import with_terms
from datahub.rdf.terms import IRI, LITERAL, RDF_TYPE, XSD, XSD_STRING

NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"
FLOAT = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
ABSOLUTE = r"^(https?|urn|did|tag|mailto|tel):[^\s<>\"{}|\\^`]+$"


def repaired(frame: Frame, repairs: Repairs) -> tuple[Frame, pl.DataFrame]:
    """``frame`` after ``repairs``, and what was done (severity info)."""
    notes: list[dict[str, object]] = []
    if repairs == Repairs():
        return frame, findings()
    frame = _prefixed(frame, notes)
    frame = _renamed(frame, repairs.properties, "p", notes)
    frame = _renamed(frame, repairs.classes, "o", notes)
    frame = _typed(frame, repairs.datatypes, notes)
    frame = _languages(frame, repairs.languages, notes)
    frame = _values(frame, repairs.values, notes)
    return frame, findings(notes)


def linked(frame: Frame) -> tuple[Frame, pl.DataFrame]:
    """``frame`` with links in place of texts that are addresses, below properties whose values are links."""
    links = [
        code for term in vocabulary() if term.kind == "object-property" and (code := frame.iri(term.iri)) is not None
    ]
    contains = frame.iri(prefixes()["ldp"] + "contains")
    links += [contains] if contains is not None else []
    t = frame.triples
    kinds, texts = frame.terms["kind"].gather(t["o"]), frame.terms["lexical"].gather(t["o"])
    wrong = t["p"].is_in(links) & (kinds == LITERAL) & texts.str.contains(ABSOLUTE)
    if not wrong.any():
        return frame, findings()
    notes = [
        _note("text-to-link", compact(frame.term(code).lexical), "", count, _subject(frame, wrong & (t["p"] == code)))
        for code, count in t.filter(wrong)["p"].value_counts(sort=True).iter_rows()
    ]
    into = pl.DataFrame(
        {"kind": IRI, "lexical": texts.filter(wrong).unique(maintain_order=True), "datatype": None, "language": None},
        schema=TERM_SCHEMA,
    )
    return _substituted(frame, wrong, texts, into), findings(notes)


def unknown_terms(frame: Frame, prefix: str) -> pl.DataFrame:
    """The classes and properties in the namespace of ``prefix`` that no vocabulary of the hub has (severity warning)."""
    namespace = prefixes()[prefix]
    t = frame.triples
    a = frame.iri(RDF_TYPE)
    used = pl.concat([t["p"], t.filter(pl.col("p") == (a if a is not None else -1))["o"]]).unique()
    iris = frame.terms["lexical"].gather(used)
    strange = [iri for iri in iris.filter(iris.str.starts_with(namespace)).sort() if iri not in vocabulary()]
    known = {term.name: term.iri for term in vocabulary() if term.iri.startswith(namespace)}
    rows = []
    for iri in strange:
        code = frame.iri(iri)
        hits = (t["p"] == code) | (t["o"] == code)
        near = difflib.get_close_matches(iri.removeprefix(namespace), list(known), 1, 0.6)
        rows.append(
            {
                "severity": "warning",
                "code": "term-unknown",
                "record": _subject(frame, hits),
                "value": compact(iri),
                "rule": "vocabulary",
                "message_en": f"“{compact(iri)}” ({int(hits.sum())}×) is not a term of the vocabulary; it was kept as it is.",
                "message_fr": f"« {compact(iri)} » ({int(hits.sum())}×) n'est pas dans le vocabulaire ; gardé tel quel.",
                "fix_en": f"Did you mean “{prefix}:{near[0]}”?" if near else "Use a term of the vocabulary.",
                "fix_fr": f"Vouliez-vous dire « {prefix}:{near[0]} » ?"
                if near
                else "Utilisez un terme du vocabulaire.",
            }
        )
    return findings(rows)


def inverses(frame: Frame, prefix: str) -> tuple[Frame, int]:
    """``frame`` with the links between its nodes stated in both directions (``owl:inverseOf``), and how many were added."""
    namespace = prefixes()[prefix]
    ways: list[tuple[str, str]] = []
    for one, other in vocabulary().inverse_pairs():
        if one.startswith(namespace) and other.startswith(namespace):
            ways += [(one, other), (other, one)]
    present = [(code, other) for one, other in ways if (code := frame.iri(one)) is not None]
    if not present:
        return frame, 0
    needed = sorted({other for _, other in present})
    frame = with_iris(frame, needed)
    table = pl.DataFrame(
        {"p": [code for code, _ in present], "inverse": [frame.iri(other) for _, other in present]},
        schema={"p": pl.UInt32, "inverse": pl.UInt32},
    )
    t = frame.triples
    # Only what the document describes: a concept of a taxonomy, or an enterprise elsewhere, is not this publisher's to describe.
    is_link = t["o"].is_in(t["s"].unique().implode())
    turned = (
        t.filter(is_link)
        .join(table, on="p")
        .select(pl.col("o").alias("s"), pl.col("inverse").alias("p"), pl.col("s").alias("o"), "g", "row")
    )
    added = turned.join(t, on=["s", "p", "o"], how="anti", nulls_equal=True).unique(
        ["s", "p", "o"], maintain_order=True
    )
    return Frame(frame.terms, pl.concat([t, added])), added.height


def with_iris(frame: Frame, iris: Iterable[str]) -> Frame:
    """``frame`` with these IRIs among its terms."""
    new = [iri for iri in iris if frame.iri(iri) is None]
    rows = pl.DataFrame({"kind": IRI, "lexical": new, "datatype": None, "language": None}, schema=TERM_SCHEMA)
    return Frame(pl.concat([frame.terms, rows]), frame.triples) if new else frame


def _prefixed(frame: Frame, notes: list[dict[str, object]]) -> Frame:
    """Compact IRIs whose prefix the document did not declare, expanded."""
    terms = frame.terms
    known = dict(prefixes())
    text = terms["lexical"]
    prefix = text.str.extract(r"^([A-Za-z][\w-]*):(?:[^/]|$)", 1)
    wrong = (terms["kind"] == IRI) & prefix.is_in(list(known)).fill_null(False)
    if not wrong.any():
        return frame
    for name, count in prefix.filter(wrong).value_counts(sort=True).iter_rows():
        notes.append(_note("prefix-expanded", f"{name}:", known[name], count, None))
    rest = text.str.replace(r"^[A-Za-z][\w-]*:", "")
    namespace = prefix.replace(known)
    fixed = pl.select(
        pl.when(wrong).then(pl.concat_str([namespace, rest])).otherwise(text).alias("lexical")
    ).to_series()
    return with_terms(frame, terms.with_columns(fixed))


def _renamed(frame: Frame, names: Mapping[str, str], place: str, notes: list[dict[str, object]]) -> Frame:
    a = frame.iri(RDF_TYPE)
    for wrong, right in names.items():
        code = frame.iri(expand(wrong))
        if code is None:
            continue
        hits = frame.triples[place] == code
        if place == "o":
            hits = hits & (frame.triples["p"] == (a if a is not None else -1))
        count = int(hits.sum())
        if not count:
            continue
        notes.append(_note("term-repaired", wrong, right, count, _subject(frame, hits)))
        frame = with_iris(frame, [expand(right)])
        into = frame.iri(expand(right))
        column = pl.when(hits).then(pl.lit(into, pl.UInt32)).otherwise(pl.col(place)).alias(place)
        frame = Frame(
            frame.terms,
            frame.triples.with_columns(column).unique(["s", "p", "o", "g"], keep="first", maintain_order=True),
        )
    return frame


def _typed(frame: Frame, datatypes: Mapping[str, str], notes: list[dict[str, object]]) -> Frame:
    for name, datatype in datatypes.items():
        code, wanted = frame.iri(expand(name)), expand(datatype)
        if code is None:
            continue
        t = frame.triples
        objects = frame.terms[t["o"]]
        text = objects["lexical"]
        literal = (t["p"] == code) & (objects["kind"] == LITERAL) & (objects["datatype"] != wanted)
        shape = r"^(true|false|0|1)$" if wanted == XSD + "boolean" else FLOAT
        wrong = literal & text.str.strip_chars().str.contains(shape) & objects["language"].is_null()
        if not wrong.any():
            continue
        from_text = int((wrong & (objects["datatype"] == XSD_STRING)).sum())
        if from_text:
            notes.append(_note("number-from-text", name, datatype, from_text, _subject(frame, wrong)))
        right = _lexical(text, wanted)
        into = pl.DataFrame(
            {
                "kind": LITERAL,
                "lexical": right.filter(wrong).unique(maintain_order=True),
                "datatype": wanted,
                "language": None,
            },
            schema=TERM_SCHEMA,
        )
        frame = _substituted(frame, wrong, right, into)
    return frame


def _lexical(text: pl.Series, datatype: str) -> pl.Series:
    """Numbers as xsd:decimal writes them; what already is written so stays digit for digit."""
    plain = text.str.strip_chars()
    if datatype != XSD + "decimal":
        return plain
    floating = ~plain.str.contains(NUMBER)
    if not floating.any():
        return plain
    written = [
        _decimal(value) if is_float and value else value for value, is_float in zip(plain, floating, strict=True)
    ]
    return pl.Series(text.name, written, dtype=pl.String)


def _decimal(text: str) -> str:
    from decimal import Decimal, InvalidOperation

    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _languages(frame: Frame, languages: Mapping[str, str], notes: list[dict[str, object]]) -> Frame:
    terms = frame.terms
    for wrong, right in languages.items():
        hits = terms["language"] == wrong
        if not hits.any():
            continue
        used = frame.triples["o"].is_in(hits.arg_true().cast(pl.UInt32).implode())
        notes.append(_note("language-repaired", wrong, right, int(used.sum()), _subject(frame, used)))
        fixed = pl.when(pl.col("language") == wrong).then(pl.lit(right)).otherwise(pl.col("language")).alias("language")
        frame = with_terms(frame, frame.terms.with_columns(fixed))
        terms = frame.terms
    return frame


def _values(frame: Frame, values: Mapping[str, Mapping[str, str]], notes: list[dict[str, object]]) -> Frame:
    for name, table in values.items():
        code = frame.iri(expand(name))
        for wrong, right in table.items():
            text = frame.terms["lexical"].gather(frame.triples["o"])
            hits = (
                (frame.triples["p"] == code) & (text == wrong) if code is not None else pl.Series([], dtype=pl.Boolean)
            )
            if not hits.any():
                continue
            notes.append(_note("value-repaired", wrong, right, int(hits.sum()), _subject(frame, hits)))
            into = pl.DataFrame(
                {"kind": LITERAL, "lexical": [right], "datatype": XSD_STRING, "language": None}, schema=TERM_SCHEMA
            )
            frame = _substituted(frame, hits, pl.repeat(right, len(text), dtype=pl.String, eager=True), into)
            code = frame.iri(expand(name))
    return frame


def _substituted(frame: Frame, where: pl.Series, lexical: pl.Series, into: pl.DataFrame) -> Frame:
    """``frame`` with the terms ``into`` as objects of the triples ``where``, found by their ``lexical`` form."""
    terms = pl.concat([frame.terms, into])
    numbered = into.select("lexical").with_row_index("code", offset=frame.terms.height)
    codes = pl.DataFrame({"lexical": lexical}).join(numbered, on="lexical", how="left", maintain_order="left")["code"]
    objects = pl.when(where).then(codes).otherwise(pl.col("o")).cast(pl.UInt32).alias("o")
    return with_terms(Frame(terms, frame.triples.with_columns(objects)), terms)


def _subject(frame: Frame, where: pl.Series) -> str | None:
    first = frame.triples.filter(where)
    if not first.height:
        return None
    term = frame.term(int(first["s"][0]))
    return term.lexical if term.kind == IRI else None


_SAID = {
    "term-repaired": (
        "“{wrong}” was read as “{right}” ({count}×).",
        "« {wrong} » a été lu comme « {right} » ({count}×).",
    ),
    "prefix-expanded": (
        "The prefix “{wrong}” was not declared; it was read as {right} ({count}×).",
        "Le préfixe « {wrong} » n'est pas déclaré ; lu comme {right} ({count}×).",
    ),
    "number-from-text": (
        "Values of “{wrong}” are given as text; they were read as {right} ({count}×).",
        "Les valeurs de « {wrong} » sont données en texte ; lues comme {right} ({count}×).",
    ),
    "text-to-link": (
        "Values of “{wrong}” are links given as text; they were read as links ({count}×).",
        "Les valeurs de « {wrong} » sont des liens donnés en texte ; lues comme liens ({count}×).",
    ),
    "value-repaired": (
        "“{wrong}” was read as “{right}” ({count}×).",
        "« {wrong} » a été lu comme « {right} » ({count}×).",
    ),
    "language-repaired": (
        "“{wrong}” is not a language code; it was read as “{right}” ({count}×).",
        "« {wrong} » n'est pas un code de langue ; lu comme « {right} » ({count}×).",
    ),
}


def _note(code: str, wrong: str, right: str, count: int, record: str | None) -> dict[str, object]:
    en, fr = (text.format(wrong=wrong, right=right, count=count) for text in _SAID[code])
    return {
        "severity": "info",
        "code": code,
        "record": record,
        "value": wrong,
        "rule": "repair",
        "message_en": en,
        "message_fr": fr,
    }
