"""Which rows are which record: rows that go on with the one above, keys, identical rows, and rows that collide."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from datahub.connectors.definition import Continuation, Key, Variant
from datahub.findings import BETWEEN, conform
from datahub.mapping.lenses.text import slug_text
from datahub.sources.table import Table

KEY = "_key"
"""The column in which mappings find the key of the record: ``rml:template "products/{_key}"``."""

GROUP = "_group"


@dataclass(frozen=True, eq=False)
class Identified:
    """``table``: the rows that can be lifted, with the column `KEY`. ``notes``: findings. ``group``: for all rows that were read,
    row and `GROUP`, a number that the rows of one record share. ``left_out``: rows that have a key and were left out nevertheless.
    """

    table: Table
    notes: pl.DataFrame
    group: pl.DataFrame
    left_out: Table


def identify(table: Table, variant: Variant) -> Identified:
    """``table`` with the key of each row's record; rows without key, and rows whose key collides, are left out and told.

    A row that repeats another one word for word is left out too (info ``row-duplicate``); rows of different content with one key
    are all refused (violation ``identifier-collision``), because nothing says which of them is right.
    """
    own = table.columns
    frame = own.with_columns(table.rows.alias("row"))
    frame = frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(GROUP))
    notes = []
    keyed = frame.clear()
    if variant.continuation:
        frame = continued(frame, variant.continuation)
        notes.append(_without_start(frame, variant.continuation))
        frame = frame.filter(pl.col(GROUP) > 0)
    group = frame.select("row", GROUP)
    if variant.keys:
        frame = frame.with_columns(key(frame, variant.keys))
        notes += [_made(frame, variant.keys), _missing(frame, variant.keys)]
        if frame[KEY].null_count():
            frame = frame.filter(~pl.col(KEY).is_null().any().over(GROUP))
        keyed = frame
        frame, told = settle(frame, own.columns, variant.keys)
        notes += told
    rows = frame["row"]
    settled = replace(table, columns=frame.drop("row", GROUP), rows=rows)
    others = keyed.filter(~pl.col("row").is_in(rows.implode()))
    left_out = replace(table, columns=others.drop("row", GROUP), rows=others["row"])
    return Identified(settled, pl.concat(notes) if notes else conform(pl.DataFrame()).clear(), group, left_out)


def continued(frame: pl.DataFrame, rule: Continuation) -> pl.DataFrame:
    """``frame`` with the cells of continuation rows filled from the record above, and `GROUP` the number of the record (from 1)."""
    start = pl.col(rule.column).is_not_null()
    frame = frame.with_columns(start.cast(pl.UInt32).cum_sum().alias(GROUP))
    repeated = [pl.col(name).first().over(GROUP).alias(name) for name in {rule.column, *rule.repeats}]
    frame = frame.with_columns(
        pl.when(pl.col(GROUP) > 0).then(each).otherwise(pl.col(each.meta.output_name())) for each in repeated
    )
    return _numbered(frame, rule)


def _numbered(frame: pl.DataFrame, rule: Continuation) -> pl.DataFrame:
    if rule.number:
        place = pl.int_range(1, pl.len() + 1).over(GROUP).cast(pl.String)
        named = [pl.col(rule.named)] if rule.named else []
        frame = frame.with_columns(pl.coalesce(*named, place).alias(rule.number))
    if rule.count:
        frame = frame.with_columns(pl.len().over(GROUP).cast(pl.String).alias(rule.count))
    return frame


def blanked(frame: pl.DataFrame, rule: Continuation, records: pl.Series) -> pl.DataFrame:
    """The inverse of `continued`: in rows of the same record as the one above, the repeated cells are emptied."""
    again = records.eq_missing(records.shift(1)) & records.is_not_null()
    names = [name for name in {rule.column, *rule.repeats} if name in frame.columns]
    return frame.with_columns(pl.when(~pl.lit(again)).then(pl.col(name)).alias(name) for name in names)


WITHIN = "~"
"""Ends the name of whose an identifier is. Names as in addresses don't have it; templates leave it as it is (RFC 3986, 2.3)."""


def key(frame: pl.DataFrame, keys: tuple[Key, ...]) -> pl.Series:
    """The key of each row: the first of ``keys`` whose columns are all filled, its values joined by hyphens.

    Identifiers that are given out by somebody (a sku by its producer) stand behind their name: ``ferme-des-pres~TOM-1``. Where
    a format has such, an identifier's own ``~`` is doubled, so that no two pairs, and no identifier without such a name, are alike.
    """
    apart = any(each.within for each in keys)
    found = pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias(KEY)
    for each in keys:
        # Keys are made up for the rows that need one only: it takes longer than all the rest.
        open_ = found.is_null()
        if not open_.any():
            break
        found = found.scatter(open_.arg_true(), _one(frame.filter(open_), each, apart))
    return found


def _one(frame: pl.DataFrame, each: Key, apart: bool) -> pl.Series:
    complete = pl.all_horizontal(pl.col(name).is_not_null() for name in each.columns)
    value = pl.concat_str([pl.col(name) for name in (*each.own, *each.also)], separator="-", ignore_nulls=True)
    if each.made:
        value = slug_text(value)
    elif apart:
        value = value.str.replace_all(WITHIN, WITHIN * 2, literal=True)
    whose = [_addressed(frame[name]) for name in each.within]
    joined = pl.concat_str([*map(pl.lit, whose), value], separator=WITHIN)
    return frame.select(pl.when(complete).then(joined).alias(KEY)).to_series()


def _addressed(names: pl.Series) -> pl.Series:
    """``names`` as in addresses; each of them is worked out once, there are few."""
    distinct = names.drop_nulls().unique()
    return names.replace_strict(distinct, pl.select(slug_text(pl.lit(distinct))).to_series(), return_dtype=pl.String)


def _own(keys: tuple[Key, ...]) -> tuple[str, ...]:
    return next((each for each in keys if not each.made), keys[0]).own


def _named(keys: tuple[Key, ...]) -> str:
    return BETWEEN.join(_own(keys))


def _without_start(frame: pl.DataFrame, rule: Continuation) -> pl.DataFrame:
    return conform(
        frame.filter(pl.col(GROUP) == 0).select("row"),
        severity="violation",
        code="continuation-without-record",
        column=rule.column,
        rule="continuation",
        message_en=f"The row has no “{rule.column}”, so it goes on with the one above; there is none.",
        message_fr=f"La ligne n'a pas de « {rule.column} » : elle continue celle du dessus ; il n'y en a pas.",
        fix_en=f"Fill in “{rule.column}”.",
        fix_fr=f"Renseignez « {rule.column} ».",
    )


def _made(frame: pl.DataFrame, keys: tuple[Key, ...]) -> pl.DataFrame:
    given = [pl.all_horizontal(pl.col(name).is_not_null() for name in each.columns) for each in keys if not each.made]
    if not given or len(given) == len(keys):
        return conform(pl.DataFrame({"row": []}, schema={"row": pl.UInt32}))
    name = _named(keys)
    rows = frame.filter(~pl.any_horizontal(given) & pl.col(KEY).is_not_null()).unique(
        GROUP, keep="first", maintain_order=True
    )
    return conform(
        rows.select("row", pl.col(KEY).alias("value")),
        severity="info",
        code="identifier-made",
        column=name,
        rule="identifier",
        message_en=f"“{name}” is empty; an identifier was made from other columns. It changes when these change.",
        message_fr=f"« {name} » est vide ; un identifiant a été formé d'autres colonnes. Il change avec elles.",
        fix_en=f"Give each record a lasting “{name}”.",
        fix_fr=f"Donnez à chaque fiche un « {name} » durable.",
    )


def _missing(frame: pl.DataFrame, keys: tuple[Key, ...]) -> pl.DataFrame:
    names = keys[-1].columns if keys[-1].made else _own(keys)
    several = len(names) > 1
    return conform(
        frame.filter(pl.col(KEY).is_null()).select("row"),
        severity="violation",
        code="identifier-missing",
        column=BETWEEN.join(names),
        rule="identifier",
        message_en=f"The row has nothing in {', '.join(f'“{name}”' for name in names)}: it can't be told from other rows.",
        message_fr=f"La ligne n'a rien dans {', '.join(f'« {name} »' for name in names)} : rien ne la distingue des autres.",
        fix_en="Fill in these columns." if several else "Fill in this column.",
        fix_fr="Renseignez ces colonnes." if several else "Renseignez cette colonne.",
    )


def settle(frame: pl.DataFrame, own: list[str], keys: tuple[Key, ...]) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """``frame`` (row, `KEY`, `GROUP`, the columns ``own``) without rows that repeat another or collide, and what is told."""
    # The key is also the IRI: two keys that differ only in how they are escaped can't occur, templates escape one to one.
    heads = frame.filter(pl.col(GROUP).is_first_distinct())
    shared = heads.filter(pl.col(KEY).is_duplicated())[KEY].unique()
    if not len(shared):
        return frame, []
    doubled = frame.filter(pl.col(KEY).is_in(shared.implode()))
    content = doubled.with_columns(pl.struct(own).hash().alias("_content")).group_by(KEY, GROUP, maintain_order=True)
    groups = content.agg(pl.col("_content").cast(pl.String).str.join("|"), pl.col("row").min().alias("first"))
    # What a key stands for: one content (identical rows) or several (a collision).
    verdict = groups.with_columns((pl.col("_content").n_unique() > 1).over(KEY).alias("collides"))
    verdict = verdict.with_columns(
        (pl.col("first") == pl.col("first").min()).over(KEY).alias("kept"),
        pl.col("first").sort().cast(pl.String).implode().over(KEY).alias("rows"),
    )
    told = doubled.join(verdict.select(KEY, GROUP, "collides", "kept", "rows", "first"), on=[KEY, GROUP])
    collisions, copies = told.filter("collides"), told.filter(~pl.col("collides") & ~pl.col("kept"))
    gone = pl.concat([collisions, copies])[GROUP].unique()
    return frame.filter(~pl.col(GROUP).is_in(gone.implode())), [_collisions(collisions, keys), _copies(copies)]


def _rows(words: str) -> pl.Expr:
    """“2, 5 and 7”, and at most ten of them."""
    rows = pl.col("rows")
    more = pl.when(rows.list.len() > 10).then(pl.lit(" …")).otherwise(pl.lit(""))
    head = rows.list.head(10)
    last = head.list.last()
    before = head.list.head(head.list.len() - 1).list.join(", ")
    return pl.concat_str([before, pl.lit(f" {words} "), last, more])


def _collisions(rows: pl.DataFrame, keys: tuple[Key, ...]) -> pl.DataFrame:
    value = pl.col(KEY)
    told = rows.select(
        "row",
        value.alias("value"),
        pl.concat_str(
            [
                pl.lit("Rows "),
                _rows("and"),
                pl.lit(" have the same identifier “"),
                value,
                pl.lit("” but different content."),
            ]
        ).alias("message_en"),
        pl.concat_str(
            [
                pl.lit("Les lignes "),
                _rows("et"),
                pl.lit(" ont le même identifiant « "),
                value,
                pl.lit(" » mais un contenu différent."),
            ]
        ).alias("message_fr"),
    )
    return conform(
        told.sort("row"),
        severity="violation",
        code="identifier-collision",
        column=_named(keys),
        rule="identifier",
        fix_en="Give each of them its own identifier, or remove the wrong one.",
        fix_fr="Donnez à chacune son propre identifiant, ou retirez celle qui est fausse.",
    )


def _copies(rows: pl.DataFrame) -> pl.DataFrame:
    first = pl.col("rows").list.first()
    told = rows.select(
        "row",
        pl.col(KEY).alias("value"),
        pl.concat_str([pl.lit("The row repeats row "), first, pl.lit(" word for word; it was read once.")]).alias(
            "message_en"
        ),
        pl.concat_str(
            [pl.lit("La ligne répète mot pour mot la ligne "), first, pl.lit(" ; elle a été lue une fois.")]
        ).alias("message_fr"),
    )
    return conform(
        told.sort("row"),
        severity="info",
        code="row-duplicate",
        rule="identifier",
        fix_en="Remove the copy.",
        fix_fr="Retirez la copie.",
    )
