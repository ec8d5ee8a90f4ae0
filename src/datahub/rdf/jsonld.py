"""JSON-LD written by columns: one flat graph, one object per subject, compacted (JSON-LD 1.1 sections 3 and 4).

A property is written under the shortest name that the context has for it. A value whose type is not the one that the context
says for that name is written out in full, so that reading the document gives the same triples again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from datahub.errors import InputError, Place
from datahub.i18n import Text
from datahub.rdf.contexts import definition
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, IRI, LITERAL, RDF_TYPE, XSD, XSD_STRING

_GENERIC_DELIMITERS = tuple(":/?#[]@")
_NATIVE_INTEGER = r"^(?:0|-?[1-9][0-9]{0,14})$"
_NESTING = 8
_TYPE = '"@type"'


@dataclass(frozen=True)
class Name:
    """What a context says about one property name. ``type``: ``@id``, ``@vocab``, a datatype IRI, or None for no coercion.
    ``language``: of plain texts, None for none. ``array``: always written as an array."""

    name: str
    iri: str
    type: str | None = None
    language: str | None = None
    array: bool = False


@dataclass(frozen=True, eq=False)
class Context:
    """A JSON-LD context to compact with. ``reference`` is what documents carry as ``@context``: an address, or the whole
    definition. ``prefixes``: name to namespace. ``names``: property names by IRI, best first. ``taken``: every name it defines."""

    reference: Any
    prefixes: Mapping[str, str]
    names: Mapping[str, tuple[Name, ...]]
    vocabulary: str | None = None
    language: str | None = None
    taken: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of_prefixes(cls, prefixes: Mapping[str, str]) -> Context:
        """A context of prefixes only, written into the document."""
        return cls.of_definition(dict(sorted(prefixes.items())))

    @classmethod
    def read(cls, data: bytes, reference: str | None = None) -> Context:
        """The context document ``data``. Documents carry ``reference`` where given, or else the whole definition."""
        return cls.of_definition(definition(data), reference)

    @classmethod
    def of_definition(cls, value: Any, reference: str | None = None) -> Context:
        """The context ``value`` (an object, or several). Raises ValueError where it names another document."""
        merged: dict[str, Any] = {}
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                raise ValueError("a context to write with can't name other contexts")
            merged.update(part)
        terms = {name: term for name, term in merged.items() if not name.startswith("@")}
        prefixes = {name: _expanded(name, terms, 0) for name, term in terms.items() if _is_prefix(name, term, terms)}
        language = merged.get("@language")
        found: dict[str, list[Name]] = {}
        for name, term in terms.items():
            known = _name(name, term, terms, language)
            if known is not None:
                found.setdefault(known.iri, []).append(known)
        names = {iri: tuple(sorted(known, key=lambda n: (len(n.name), n.name))) for iri, known in found.items()}
        return cls(reference or value, prefixes, names, merged.get("@vocab"), language, frozenset(terms))

    def property(self, iri: str) -> Name:
        """The name under which the property ``iri`` is written."""
        if iri in self.names:
            return self.names[iri][0]
        return Name(self._short(iri), iri, language=self.language)

    def type_name(self, iri: str) -> str:
        """The name under which the class ``iri`` is written."""
        plain = [name.name for name in self.names.get(iri, ()) if name.type is None and not name.array]
        return plain[0] if plain else self._short(iri)

    def _short(self, iri: str) -> str:
        best = max(
            (item for item in self.prefixes.items() if iri.startswith(item[1])), key=lambda i: len(i[1]), default=None
        )
        if (
            best
            and (name := f"{best[0]}:{iri[len(best[1]) :]}") not in self.taken
            and not name.startswith(best[0] + "://")
        ):
            return name
        if self.vocabulary and iri.startswith(self.vocabulary):
            local = iri[len(self.vocabulary) :]
            if local and local not in self.taken and re.fullmatch(r"[\w\-/.]+", local):
                return local
        return iri


def write(frame: Frame, context: Context) -> bytes:
    """``frame`` as one JSON-LD document: ``@context`` and a flat ``@graph`` sorted by subject.

    Named graphs are objects with an ``@graph`` of their own. Raises `InputError` ``not-expressible`` for an IRI whose scheme the
    context takes for a prefix.
    """
    frame = frame.compact()
    _check_schemes(frame.terms, context)
    ids = _ids(frame.terms, context)
    nodes = _nodes(frame, ids, context)
    default = nodes.filter(pl.col("g").is_null())["node"].to_list()
    named = nodes.filter(pl.col("g").is_not_null())
    if named.height:
        grouped = named.group_by("g", maintain_order=True).agg(pl.col("node").str.join(",\n"))
        default += (
            grouped.select(
                pl.concat_str(
                    [pl.lit('{"@id": '), ids.gather(grouped["g"]), pl.lit(', "@graph": [\n'), "node", pl.lit("\n]}")]
                )
            )
            .to_series()
            .to_list()
        )
    head = json.dumps(context.reference, ensure_ascii=False, indent=2)
    body = ",\n".join(default)
    return f'{{\n"@context": {head},\n"@graph": [\n{body}\n]\n}}\n'.encode()


def json_string(text: pl.Expr) -> pl.Expr:
    """``text`` as a JSON string (RFC 8259 section 7)."""
    return pl.concat_str([pl.lit('"'), text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values())), pl.lit('"')])


_ESCAPES = {
    **{chr(i): f"\\u{i:04x}" for i in range(0x20)},
    **{"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"},
}


def _nodes(frame: Frame, ids: pl.Series, context: Context) -> pl.DataFrame:
    """g (code or null) and node (JSON text), one row per graph and subject, in the order of the subjects."""
    t = frame.triples
    rank = frame.terms.select(pl.col("lexical").rank("dense")).to_series()
    ranks = (rank.gather(t[c]).alias(f"{c}_rank") for c in "gso")
    cells = t.select("g", "s", "o").with_columns(*_members(frame, ids, context), *ranks)
    cells = cells.sort("g_rank", "s_rank", "key", "o_rank", "o", nulls_last=False)
    values = cells.group_by("g", "s", "key", maintain_order=True).agg(
        pl.col("value").str.join(", "), array=(pl.len() > 1) | pl.col("array").first()
    )
    value = pl.when("array").then(pl.concat_str([pl.lit("["), "value", pl.lit("]")])).otherwise("value")
    members = (
        values.select("g", "s", pl.concat_str(["key", pl.lit(": "), value]).alias("member"))
        .group_by("g", "s", maintain_order=True)
        .agg(pl.col("member").str.join(",\n  "))
    )
    return members.with_columns(ids.gather(members["s"]).alias("id")).select(
        "g", pl.concat_str([pl.lit('{"@id": '), "id", pl.lit(",\n  "), "member", pl.lit("}")]).alias("node")
    )


def _members(frame: Frame, ids: pl.Series, context: Context) -> tuple[pl.Series, pl.Series, pl.Series]:
    """key (JSON string), array and value (JSON text) of each triple; values are made once for each kind of name."""
    t, lexical = frame.triples, frame.terms["lexical"]
    predicates = t["p"].unique()
    names = [context.property(iri) for iri in lexical.gather(predicates).to_list()]
    kinds = list(dict.fromkeys((name.type, name.language) for name in names))
    by_predicate = pl.DataFrame(
        {
            "p": predicates,
            "key": pl.Series([json.dumps(name.name, ensure_ascii=False) for name in names], dtype=pl.String),
            "array": pl.Series([name.array for name in names], dtype=pl.Boolean),
            "kind": pl.Series([kinds.index((name.type, name.language)) for name in names], dtype=pl.UInt32),
        }
    )
    named = t.select("p", "o").join(by_predicate, on="p", how="left", maintain_order="left")
    if (types := frame.iri(RDF_TYPE)) is not None:
        is_type = (pl.col("p") == types) & (frame.terms["kind"].gather(t["o"]) != LITERAL)
        named = named.with_columns(
            pl.when(is_type).then(pl.lit(_TYPE)).otherwise("key").alias("key"),
            (pl.col("array") & ~is_type).alias("array"),
            pl.when(is_type).then(pl.lit(len(kinds), pl.UInt32)).otherwise("kind").alias("kind"),
        )
    tables = []
    for number in range(len(kinds) + 1):
        used = named.filter(pl.col("kind") == number)["o"].unique()
        if number < len(kinds):
            written = _values(frame.terms[used], ids.gather(used), *kinds[number])
        else:
            written = _classes(frame.terms[used], ids.gather(used), context)
        tables.append(
            pl.DataFrame(
                {"kind": pl.repeat(number, len(used), dtype=pl.UInt32, eager=True), "o": used, "value": written}
            )
        )
    named = named.join(pl.concat(tables), on=["kind", "o"], how="left", maintain_order="left")
    return named["key"], named["array"], named["value"]


def _classes(terms: pl.DataFrame, ids: pl.Series, context: Context) -> pl.Series:
    """Classes as they are named under ``@type``; there are few, and each may have a name in the context."""
    names = [
        json.dumps(context.type_name(lexical), ensure_ascii=False) if kind == IRI else own
        for kind, lexical, own in zip(terms["kind"].to_list(), terms["lexical"].to_list(), ids.to_list(), strict=True)
    ]
    return pl.Series(names, dtype=pl.String)


def _ids(terms: pl.DataFrame, context: Context) -> pl.Series:
    """Each IRI or blank node as the JSON string that stands for it in ``@id``; literals give nonsense that nobody reads."""
    lexical = pl.col("lexical")
    spaces = {space: prefix for prefix, space in context.prefixes.items()}
    space = lexical.str.extract(r"^(.*[/#:])[^/#:]*$", 1)
    local = lexical.str.slice(space.str.len_chars())
    prefix = space.replace_strict(list(spaces), list(spaces.values()), default=None, return_dtype=pl.String)
    short = pl.concat_str([prefix, pl.lit(":"), local])
    usable = prefix.is_not_null() & ~short.is_in(list(context.taken))
    text = (
        pl.when(pl.col("kind") == BLANK)
        .then(pl.concat_str([pl.lit("_:"), lexical]))
        .when((pl.col("kind") == IRI) & usable)
        .then(short)
        .otherwise(lexical)
    )
    return terms.select(json_string(text).alias("id")).to_series()


def _values(terms: pl.DataFrame, ids: pl.Series, coercion: str | None, spoken: str | None) -> pl.Series:
    """``terms`` as JSON values under names with this type and language, as short as these allow."""
    text = json_string(pl.col("lexical"))
    link = pl.col("id") if coercion in ("@id", "@vocab") else pl.concat_str([pl.lit('{"@id": '), "id", pl.lit("}")])
    datatype, language = pl.col("datatype"), pl.col("language")
    own_type = datatype == (coercion or XSD_STRING)
    plain = language == spoken if coercion is None and spoken else own_type
    native = ((datatype == XSD + "boolean") & pl.col("lexical").is_in(["true", "false"])) | (
        (datatype == XSD + "integer") & pl.col("lexical").str.contains(_NATIVE_INTEGER)
    )
    native = native & (own_type if coercion else pl.lit(True))
    value = (
        pl.when(native)
        .then(pl.col("lexical"))
        .when(plain)
        .then(text)
        .when(language.is_not_null())
        .then(pl.concat_str([pl.lit('{"@language": "'), language, pl.lit('", "@value": '), text, pl.lit("}")]))
        .when(datatype == XSD_STRING)
        .then(pl.concat_str([pl.lit('{"@value": '), text, pl.lit("}")]))
        .otherwise(
            pl.concat_str([pl.lit('{"@type": '), json_string(datatype), pl.lit(', "@value": '), text, pl.lit("}")])
        )
    )
    shown = pl.when(pl.col("kind") == LITERAL).then(value).otherwise(link)
    return terms.with_columns(ids.alias("id")).select(shown.alias("value")).to_series()


def _check_schemes(terms: pl.DataFrame, context: Context) -> None:
    scheme = pl.col("lexical").str.extract(r"^([^:/?#]*):(?:[^/]|/[^/]|$)", 1)
    taken = terms.filter((pl.col("kind") == IRI) & scheme.is_in(list(context.prefixes)))
    if taken.height:
        iri = taken["lexical"][0]
        raise InputError(
            "not-expressible",
            Text(
                f"The address “{iri}” can't be written in JSON-LD with this context, which takes its start for a prefix.",
                f"L'adresse « {iri} » ne peut s'écrire en JSON-LD avec ce contexte, qui prend son début pour un préfixe.",
            ),
            place=Place(value=iri),
        )


def _expanded(name: str, terms: Mapping[str, Any], nesting: int) -> str:
    """The IRI of a term of a context; names without any stay as they are."""
    term = terms.get(name)
    target = term if isinstance(term, str) else (term or {}).get("@id", name)
    if not isinstance(target, str) or nesting > _NESTING:
        return name
    prefix, colon, local = target.partition(":")
    if colon and not local.startswith("//") and prefix in terms and prefix != name:
        return _expanded(prefix, terms, nesting + 1) + local
    return target


def _is_prefix(name: str, term: Any, terms: Mapping[str, Any]) -> bool:
    """Whether compact IRIs may use ``name`` (JSON-LD 1.1 section 4.4)."""
    if ":" in name or "/" in name:
        return False
    if isinstance(term, dict):
        return term.get("@prefix") is True and "@reverse" not in term
    return isinstance(term, str) and _expanded(name, terms, 0).endswith(_GENERIC_DELIMITERS)


def _name(name: str, term: Any, terms: Mapping[str, Any], language: str | None) -> Name | None:
    """``name`` as a property name; None where its values need a shape that is not written here (lists, maps, reversed links)."""
    iri = _expanded(name, terms, 0)
    if ":" not in iri or (iri == name and ":" not in name):
        return None
    if isinstance(term, str):
        return None if _is_prefix(name, term, terms) else Name(name, iri, language=language)
    if (
        not isinstance(term, dict)
        or "@reverse" in term
        or "@context" in term
        or "@nest" in term
        or "@direction" in term
    ):
        return None
    container = term.get("@container")
    containers = container if isinstance(container, list) else [container] if container else []
    kind = term.get("@type")
    if set(containers) - {"@set"} or kind == "@json":
        return None
    if kind not in (None, "@none", "@id", "@vocab"):
        prefix, colon, local = str(kind).partition(":")
        kind = _expanded(prefix, terms, 0) + local if colon and prefix in terms else kind
    spoken = term.get("@language", language)
    spoken = spoken.lower() if isinstance(spoken, str) else None
    return Name(name, iri, None if kind == "@none" else kind, spoken, bool(containers))
