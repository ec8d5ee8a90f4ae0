"""Linked Data Event Streams 1.0 with TREE pages: every version of every record, in the order of the log.

A member is a version, an IRI of its own; the data of the version are the triples of the named graph with that IRI. A deletion is a
member too, an as:Delete without a graph (a tombstone). Pages are cut by sequence number and linked one to the next: a full page
never gets another member. Once a record is withdrawn its earlier versions leave full pages as well and only the tombstone stays;
the retention policy of the stream promises no more than the newest version of each record.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import polars as pl

from datahub.i18n import Text
from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame, concat, empty
from datahub.rdf.terms import DCT, RDF_TYPE, SCHEMA, VOID
from datahub.syndication.statements import Statements, boolean, integer, moment

LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
AS = "https://www.w3.org/ns/activitystreams#"
PAGE_SIZE = 500
POLLING_SECONDS = 60
OPERATIONS = {"create": AS + "Create", "update": AS + "Update", "delete": AS + "Delete"}


@dataclass(frozen=True)
class Stream:
    """One stream: its address, the prefix of version IRIs, its title, and its licence where all of it has one."""

    url: str
    versions: str
    title: Text
    licence: str | None

    def page_url(self, after: int) -> str:
        """The address of the page that begins after sequence number ``after``."""
        return f"{self.url}?{urlencode({'after': after})}"

    def version(self, seq: int) -> str:
        """The IRI of a version."""
        return f"{self.versions}{seq}"


def description(stream: Stream) -> Statements:
    """What a client must know before the first page (LDES sections 2 and 4)."""
    out = Statements()
    out.a(stream.url, LDES + "EventStream")
    out.text(stream.url, DCT + "title", stream.title)
    out.add(stream.url, DCT + "license", stream.licence)
    out.add(stream.url, LDES + "timestampPath", DCT + "created")
    out.add(stream.url, LDES + "sequencePath", SCHEMA + "position")
    out.add(stream.url, LDES + "versionOfPath", DCT + "isVersionOf")
    for name, kind in (("Create", "create"), ("Update", "update"), ("Delete", "delete")):
        out.add(stream.url, f"{LDES}version{name}Path", RDF_TYPE)
        out.add(stream.url, f"{LDES}version{name}Object", OPERATIONS[kind])
    out.add(stream.url, LDES + "pollingInterval", integer(POLLING_SECONDS))
    root = stream.page_url(0)
    out.add(stream.url, TREE + "view", root)
    out.a(root, TREE + "Node", LDES + "EventSource")
    policy = stream.url + "#retention"
    out.add(root, LDES + "retentionPolicy", policy)
    out.a(policy, LDES + "RetentionPolicy")
    out.add(policy, LDES + "versionAmount", integer(1))
    return out


def page(stream: Stream, versions: pl.DataFrame, bodies: pl.DataFrame, *, after: int, last: int, full: bool) -> Frame:
    """One page of ``stream`` as quads.

    ``versions`` has the columns seq, dataset_iri, licence, record, op and time in the order of seq, as this reader sees them;
    ``bodies`` has seq and body (N-Triples, null where there is nothing to see). A version that is neither a deletion nor has a
    body is left out. ``last`` is the sequence number to go on from; ``full`` says that no member will be added to this page.
    """
    out = description(stream)
    node = stream.page_url(after)
    out.a(node, TREE + "Node")
    for seq in _shown(versions, bodies)["seq"]:
        out.add(stream.url, TREE + "member", stream.version(seq))
    if full:
        out.add(node, LDES + "immutable", boolean(True))
        relation = node + "#next"
        out.add(node, TREE + "relation", relation)
        out.a(relation, TREE + "GreaterThanOrEqualToRelation")
        out.add(relation, TREE + "node", stream.page_url(last))
        out.add(relation, TREE + "path", DCT + "created")
        out.add(relation, TREE + "value", moment(versions["time"].to_list()[-1]))
    return concat([out.frame(), members(stream.versions, versions, bodies)])


def members(prefix: str, versions: pl.DataFrame, bodies: pl.DataFrame) -> Frame:
    """The versions themselves: what happened to which record and when, and the triples of each in its named graph.

    ``versions`` and ``bodies`` as for `page`; a version's IRI is ``prefix`` followed by its sequence number.
    """
    out = Statements()
    for row in _shown(versions, bodies).iter_rows(named=True):
        version = f"{prefix}{row['seq']}"
        out.a(version, OPERATIONS[row["op"]])
        out.add(version, DCT + "isVersionOf", row["record"])
        out.add(version, DCT + "created", moment(row["time"]))
        out.add(version, SCHEMA + "position", integer(row["seq"]))
        out.add(version, VOID + "inDataset", row["dataset_iri"])
        out.add(version, DCT + "license", row["licence"])
    return concat([out.frame(), graphs(bodies.filter(pl.col("body").is_not_null()), prefix)])


def _shown(versions: pl.DataFrame, bodies: pl.DataFrame) -> pl.DataFrame:
    present = bodies.filter(pl.col("body").is_not_null())
    return versions.filter((pl.col("op") == "delete") | pl.col("seq").is_in(present["seq"].implode()))


def graphs(bodies: pl.DataFrame, prefix: str) -> Frame:
    """The triples of each body in the named graph ``prefix`` + seq."""
    bodies = bodies.filter(pl.col("body") != "")
    if not bodies.height:
        return empty()
    lines = (
        bodies.select("seq", pl.col("body").str.strip_chars_end("\n").str.split("\n"))
        .explode("body")
        .select(
            pl.concat_str(
                pl.col("body").str.strip_suffix(" ."),
                pl.lit(f" <{prefix}"),
                pl.col("seq").cast(pl.String),
                pl.lit("> ."),
            ).str.join("\n")
        )
        .item()
    )
    return parse((lines + "\n").encode(), "nq")
