"""What lists, filters and maps need to know of each record, drawn from its triples: label, kind, place and text."""

from __future__ import annotations

import hashlib

import polars as pl

from datahub.hub.audience import personal
from datahub.profiles import profiles
from datahub.rdf.frame import Frame
from datahub.rdf.terms import (
    DCT,
    DFC_B,
    DH,
    DHH,
    DHM,
    FOAF,
    IRI,
    LANG_STRING,
    LITERAL,
    RDF_TYPE,
    RDFS,
    SCHEMA,
    SKOS,
    XSD_STRING,
    Term,
)

FIELD_SCHEMA: dict[str, type[pl.DataType]] = {
    "record": pl.String,
    "label": pl.String,
    "kind": pl.String,
    "category": pl.String,
    "lat": pl.Float64,
    "lon": pl.Float64,
    "insee": pl.String,
    "department": pl.String,
    "locality": pl.String,
    "text": pl.String,
    "place": pl.String,
}
"""label: in French, else without language, else in English, else any. kind: the class. category: the concept that says what it is.
text: all words of the record, folded, without personal data. place: where it stands in lists, see `place_in_lists`."""

WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
LABELS = (DFC_B + "name", SCHEMA + "name", RDFS + "label", SKOS + "prefLabel", DCT + "title", FOAF + "name")
CATEGORIES = (DHH + "kind", DHM + "meetingPlaceType", DFC_B + "hasType", DHM + "locationType")
LATITUDES = (SCHEMA + "latitude", WGS84 + "lat")
LONGITUDES = (SCHEMA + "longitude", WGS84 + "long")
TEXT_CAP = 4000
LABEL_CAP = 200


def folded(text: pl.Expr) -> pl.Expr:
    """``text`` in lower case, without accents, its spaces single: what searching and ordering compare."""
    return (
        text.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_many(["œ", "æ", "’"], ["oe", "ae", "'"])
        .str.replace_all(r"[\s\x00]+", " ")
        .str.strip_chars(" ")
    )


def place_in_lists(label: str, record: str) -> str:
    """Lists are ordered by folded label, then by a hash of the IRI, so that nobody can choose a better place."""
    return f"{label}\x1f{hashlib.blake2b(record.encode(), digest_size=8).hexdigest()}"


def fields(frame: Frame, owner: pl.Series, records: pl.Series) -> pl.DataFrame:
    """The fields of all ``records`` (IRIs), one row each in their order, with the columns of `FIELD_SCHEMA`.

    ``owner``: for each triple of ``frame`` the number of its record in ``records``.
    """
    t = frame.triples.select("s", "p", "o").with_columns(owner.alias("owner"))
    roots = _roots(frame, records)
    table = records.alias("record").to_frame().with_row_index("owner")
    own = t.filter(pl.col("s") == roots.gather(t["owner"]))
    label = _label(frame, own)
    insee, postal = _first(frame, t, (DH + "inseeCode",)), _first(frame, t, (SCHEMA + "postalCode",))
    given = _first(frame, t, (DH + "departmentCode",))
    parts = {
        "label": label,
        "kind": _kind(frame, own),
        "category": _first(frame, own, CATEGORIES, kind=IRI),
        "lat": _first(frame, t, LATITUDES),
        "lon": _first(frame, t, LONGITUDES),
        "insee": insee,
        "postal": postal,
        "given": given,
        "locality": _first(frame, t, (SCHEMA + "addressLocality",)),
        "text": _text(frame, t),
    }
    for column, part in parts.items():
        table = table.join(part.rename({"value": column}), on="owner", how="left", maintain_order="left")
    lat, lon = (pl.col(name).cast(pl.Float64, strict=False) for name in ("lat", "lon"))
    on_earth = (lat.abs() <= 90) & (lon.abs() <= 180)
    last_part = pl.col("record").str.extract(r"([^/#]+)[/#]*$")
    table = table.with_columns(
        pl.coalesce("label", last_part, "record").str.head(LABEL_CAP).alias("label"),
        pl.when(on_earth).then(lat).alias("lat"),
        pl.when(on_earth).then(lon).alias("lon"),
        pl.coalesce("given", department(pl.col("insee")), department_of_postal_code(pl.col("postal"))).alias(
            "department"
        ),
        pl.col("text").fill_null(""),
    )
    ordering = table.select(folded(pl.col("label"))).to_series()
    places = [place_in_lists(words, iri) for words, iri in zip(ordering, table["record"], strict=True)]
    table = table.with_columns(pl.Series("place", places, dtype=pl.String))
    whole = table.select(pl.col(column).cast(dtype) for column, dtype in FIELD_SCHEMA.items())
    # RDF may hold the character NUL, PostgreSQL may not.
    return whole.with_columns(pl.col(pl.String).str.replace_all("\x00", "", literal=True))


def department(insee: pl.Expr) -> pl.Expr:
    """The department of an INSEE commune code: two characters, three overseas (97, 98); null where it is no such code."""
    overseas = insee.str.contains("^9[78]")
    code = pl.when(overseas).then(insee.str.head(3)).otherwise(insee.str.head(2))
    return pl.when(insee.str.contains(r"^(?:\d{2}|2[AB])\d{3}$")).then(code)


def department_of_postal_code(code: pl.Expr) -> pl.Expr:
    """The department that a French postal code mostly lies in; Corsica's two by their ranges; null where it is no such code."""
    corsica = pl.when(code.str.contains("^20[01]")).then(pl.lit("2A")).otherwise(pl.lit("2B"))
    plain = pl.when(code.str.contains("^9[78]")).then(code.str.head(3)).otherwise(code.str.head(2))
    found = pl.when(code.str.starts_with("20")).then(corsica).otherwise(plain)
    return pl.when(code.str.contains(r"^\d{5}$")).then(found)


def _roots(frame: Frame, records: pl.Series) -> pl.Series:
    """The term code of each record's IRI (null where the record itself is no subject)."""
    subjects = frame.triples["s"].unique()
    known = pl.DataFrame({"code": subjects, "record": frame.terms["lexical"].gather(subjects)})
    return records.alias("record").to_frame().join(known, on="record", how="left", maintain_order="left")["code"]


def _values(frame: Frame, t: pl.DataFrame, predicates: tuple[str, ...], kind: int) -> pl.DataFrame:
    """The values of ``predicates``: columns owner, rank (which predicate), value and language."""
    codes = {code: rank for rank, iri in enumerate(predicates) if (code := frame.iri(iri)) is not None}
    hits = t.filter(pl.col("p").is_in(list(codes)))
    terms = frame.terms[hits["o"]]
    rank = (
        hits["p"].cast(pl.Int64).replace_strict(codes, return_dtype=pl.Int64)
        if codes
        else pl.Series([], dtype=pl.Int64)
    )
    table = hits.select("owner", "s").with_columns(
        rank.alias("rank"), terms["lexical"].alias("value"), terms["language"], terms["kind"]
    )
    return table.filter(pl.col("kind") == kind)


def _first(frame: Frame, t: pl.DataFrame, predicates: tuple[str, ...], kind: int = LITERAL) -> pl.DataFrame:
    """One value per record: of the first of ``predicates``, of the least node and value, so that it never depends on order."""
    found = _values(frame, t, predicates, kind)
    node = frame.terms["lexical"].gather(found["s"]).alias("node")
    return found.with_columns(node).sort("rank", "node", "value").group_by("owner").agg(pl.col("value").first())


def _label(frame: Frame, own: pl.DataFrame) -> pl.DataFrame:
    found = _values(frame, own, LABELS, LITERAL).filter(pl.col("value").str.strip_chars() != "")
    language = pl.col("language").str.split("-").list.first()
    liking = (
        pl.when(language == "fr").then(0).when(language.is_null()).then(1).when(language == "en").then(2).otherwise(3)
    )
    ranked = found.with_columns(liking.alias("liking")).sort("rank", "liking", "value")
    return ranked.group_by("owner").agg(pl.col("value").first())


def _kind(frame: Frame, own: pl.DataFrame) -> pl.DataFrame:
    """The class of each record: one that a profile knows as record, else the least IRI."""
    known = [iri for profile in profiles() for iri in profile.records]
    found = _values(frame, own, (RDF_TYPE,), IRI)
    wanted = found.with_columns(pl.col("value").is_in(known).not_().alias("other")).sort("other", "value")
    return wanted.group_by("owner").agg(pl.col("value").first())


def _text(frame: Frame, t: pl.DataFrame) -> pl.DataFrame:
    """All texts of each record, folded and joined. Distinct terms are folded once."""
    hidden = [code for code in frame.codes(Term.iri(iri) for iri in sorted(personal())) if code is not None]
    textual = (pl.col("kind") == LITERAL) & pl.col("datatype").is_in([XSD_STRING, LANG_STRING])
    words = frame.terms.select(pl.when(textual).then(folded(pl.col("lexical").str.head(TEXT_CAP))).alias("word"))[
        "word"
    ]
    hits = t.filter(~pl.col("p").is_in(hidden))
    hits = hits.with_columns(words.gather(hits["o"]).alias("word")).filter(pl.col("word").is_not_null())
    distinct = hits.select("owner", "word").unique().sort("owner", "word")
    joined = distinct.group_by("owner").agg(pl.col("word").str.join(" ").str.head(TEXT_CAP))
    return joined.rename({"word": "value"})
