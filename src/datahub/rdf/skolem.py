"""Blank nodes named after their place, so that the same data always has the same names (RDF 1.1 Concepts section 3.5).

A blank node becomes ``{subject}#genid-{hash}``, where the subject is the IRI that it hangs from and the hash is of the predicates
on the way down to it. Several blank nodes in one place are counted in the order of their content. Neither labels nor the
order of the input play a part. Below a subject that has a fragment already, the separator is a dot: ``X#offer.genid-{hash}``.
A blank node that hangs from nothing becomes ``{base}genid-{hash of its content}`` and is a subject for those below it.

All work is done level by level on columns, never node by node. What can't be told apart by content and links (knots of blank nodes
that refer to each other alike, as made by hostile input) is refused instead of searched.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from datahub.errors import InputError
from datahub.i18n import Text
from datahub.rdf.frame import Frame
from datahub.rdf.rewrite import with_terms
from datahub.rdf.terms import BLANK, IRI

MAX_BLANK = 2_000_000
MAX_DEPTH = 1_000
MAX_KNOTS = 100
"""Groups of blank nodes without an IRI above them that refer to each other in a circle."""
MAX_WORK = 100_000_000
"""Links looked at, over all levels: what a very long chain of blank nodes would exceed."""
MAX_COMPARED, ROUNDS = 10_000_000, 16
"""Links compared by content, over all rounds, and how many rounds there may be however many links: each round tells nodes apart by
what is one link further away, which in a ring of thousands is half of it."""

ORPHANS = "urn:datahub:"
"""What precedes ``genid-`` in the name of a blank node that hangs from nothing."""

_NAMED = {"node": pl.UInt32, "anchor": pl.String, "path": pl.String}


def skolemise(frame: Frame, base: str = ORPHANS) -> Frame:
    """``frame`` with an IRI in place of each blank node; ``base`` starts the names of those that hang from no IRI.

    A blank node below several subjects is named after the first of them in code point order. Blank graph names are dropped (their
    triples go to the default graph). Raises `InputError` ``blank-nodes`` where there are too many, nested too deep, or not to be
    told apart.
    """
    frame = _without_blank_graphs(frame)
    blank = frame.terms["kind"] == BLANK
    count = int(blank.sum())
    if not count:
        return frame
    if count > MAX_BLANK:
        raise _refused(
            f"There are {count} blank nodes; at most {MAX_BLANK} are read.",
            f"Il y a {count} nœuds anonymes ; {MAX_BLANK} au plus sont lus.",
        )
    named = _Naming(frame, base).run()
    names = named.select("node", _name().alias("name")).to_dict(as_series=True)
    lexical = frame.terms["lexical"].scatter(names["node"], names["name"])
    kind = frame.terms["kind"].scatter(names["node"], IRI)
    return with_terms(frame, frame.terms.with_columns(kind.alias("kind"), lexical.alias("lexical")))


def _without_blank_graphs(frame: Frame) -> Frame:
    frame = frame.compact()
    graphs = frame.triples["g"]
    if graphs.null_count() == len(graphs):
        return frame
    blank = frame.terms["kind"].gather(graphs) == BLANK
    triples = frame.triples.with_columns(pl.when(~blank).then(graphs).alias("g"))
    return Frame(frame.terms, triples.unique(["s", "p", "o", "g"], keep="first", maintain_order=True)).compact()


class _Naming:
    """Gives each blank node an anchor (the IRI it hangs from) and a path (the predicates below it)."""

    def __init__(self, frame: Frame, base: str) -> None:
        self._frame = frame
        self._base = base
        kind = frame.terms["kind"]
        t = frame.triples
        self._edges = t.filter(kind.gather(t["o"]) == BLANK).select("s", "p", node="o").unique()
        self._blank = (kind == BLANK).arg_true().cast(pl.UInt32)
        self._order: pl.DataFrame | None = None

    def run(self) -> pl.DataFrame:
        """node, anchor and path of each blank node."""
        text = self._frame.terms["lexical"]
        roots = self._edges["s"].filter(self._frame.terms["kind"].gather(self._edges["s"]) == IRI).unique()
        level = pl.DataFrame({"node": roots, "anchor": text.gather(roots), "path": ""}, schema=_NAMED)
        parts = self._below(level, pl.Series([], dtype=pl.UInt32))
        done = pl.concat([part["node"] for part in parts]) if parts else pl.Series([], dtype=pl.UInt32)
        for turn in range(MAX_KNOTS):
            left = self._blank.filter(~self._blank.is_in(done.implode()))
            if not len(left):
                return pl.concat(parts)
            orphans = self._orphans(left, turn)
            more = [orphans, *self._below(orphans, pl.concat([done, orphans["node"]]))]
            parts += more
            done = pl.concat([done, *(part["node"] for part in more)])
        raise _alike()

    def _below(self, level: pl.DataFrame, done: pl.Series) -> list[pl.DataFrame]:
        """The blank nodes below those of ``level``, level by level."""
        edges = self._edges.filter(~pl.col("node").is_in(done.implode()))
        parts: list[pl.DataFrame] = []
        work = 0
        for _ in range(MAX_DEPTH):
            work += edges.height
            if work > MAX_WORK:
                break
            reached = edges.join(level, left_on="s", right_on="node", how="inner")
            if reached.is_empty():
                return parts
            level = self._children(reached)
            parts.append(level)
            edges = edges.join(level, on="node", how="anti")
        raise _refused(
            f"Blank nodes are nested more than {MAX_DEPTH} deep.",
            f"Les nœuds anonymes sont imbriqués sur plus de {MAX_DEPTH} niveaux.",
        )

    def _children(self, reached: pl.DataFrame) -> pl.DataFrame:
        """Anchor and path of the nodes ``reached`` (s, p, node, anchor and path of s)."""
        predicate = self._frame.terms["lexical"].gather(reached["p"])
        reached = reached.with_columns(predicate.alias("predicate"))
        if reached["node"].is_duplicated().any():  # shared nodes: the first place counts
            reached = reached.sort("anchor", "path", "predicate").unique("node", keep="first", maintain_order=True)
        step = pl.concat_str(["path", pl.lit(" "), "predicate"])
        siblings = pl.struct("s", "p").is_duplicated()
        if reached.select(siblings.any()).item():
            reached = reached.join(self._contents(), on="node", how="left")
            ordinal = pl.col("content").rank("ordinal").over("s", "p")
            step = pl.when(siblings).then(pl.concat_str([step, pl.lit("*"), ordinal])).otherwise(step)
            twins = pl.struct("s", "p", "content").is_duplicated() & ~pl.col("tree")
            if reached.select(twins.any()).item():
                raise _alike()
        return reached.select("node", "anchor", step.alias("path"))

    def _orphans(self, left: pl.Series, turn: int) -> pl.DataFrame:
        """Names for the tops of what hangs from no IRI: nodes that nothing refers to, or else one node of a circle."""
        referred = self._edges["node"].unique()
        contents = self._contents().filter(pl.col("node").is_in(left.implode()))
        tops = contents.filter(~pl.col("node").is_in(referred.implode()))
        if tops.is_empty():
            tops = contents.filter(pl.col("content") == pl.col("content").min())
            if tops.height > 1:
                raise _alike()
            tops = tops.with_columns(pl.concat_str(["text", pl.lit(f"circle {turn}")]).alias("text"))
        if tops.filter(~pl.col("tree"))["content"].is_duplicated().any():
            raise _alike()
        ordinal = pl.col("content").rank("ordinal").over("text")
        content = _digest(pl.concat_str(["text", pl.lit("*"), ordinal]))
        anchor = pl.concat_str([pl.lit(self._base + "genid-"), content]).alias("anchor")
        return tops.select("node", anchor, pl.lit("").alias("path"))

    def _contents(self) -> pl.DataFrame:
        """node; text: its own lines; content: its rank by content and links; tree: whether its surroundings have no circle."""
        if self._order is None:
            self._order = _contents(self._frame, self._blank, self._edges)
        return self._order


def _contents(frame: Frame, blank: pl.Series, edges: pl.DataFrame) -> pl.DataFrame:
    """Ranks of blank nodes that depend on content only: colour refinement, where a colour is a rank among all.

    Refinement tells nodes of a forest apart exactly when they differ; so equal ranks in a tree mean equal trees.
    """
    kind = frame.terms["kind"]
    t = frame.triples
    nt = frame.ntriples_terms
    own = t.filter((kind.gather(t["s"]) == BLANK) & (kind.gather(t["o"]) != BLANK)).select("s", "p", "o")
    lines = own.select(node="s", line=pl.concat_str([nt.gather(own["p"]), pl.lit(" "), nt.gather(own["o"])]))
    incoming = t.filter((kind.gather(t["s"]) != BLANK) & (kind.gather(t["o"]) == BLANK)).select("s", "p", "o")
    above = incoming.select(
        node="o", line=pl.concat_str([pl.lit("^"), nt.gather(incoming["p"]), pl.lit(" "), nt.gather(incoming["s"])])
    )
    texts = (
        pl.concat([lines, above]).unique().sort("node", "line").group_by("node").agg(text=pl.col("line").str.join("\n"))
    )
    nodes = blank.to_frame("node").join(texts, on="node", how="left").with_columns(pl.col("text").fill_null(""))
    nodes = nodes.with_columns(content=pl.col("text").rank("dense"))
    inner = edges.filter(kind.gather(edges["s"]) == BLANK)
    if inner.is_empty():
        return nodes.with_columns(tree=pl.lit(True))
    rank = nt.gather(inner["p"]).rank("dense")
    links = pl.concat(
        [
            pl.DataFrame({"node": inner["s"], "other": inner["node"], "way": 0, "p": rank}),
            pl.DataFrame({"node": inner["node"], "other": inner["s"], "way": 1, "p": rank}),
        ]
    )
    return nodes.with_columns(_refined(nodes, links), _trees(nodes["node"], inner))


def _refined(nodes: pl.DataFrame, links: pl.DataFrame) -> pl.Series:
    colours = nodes.select("node", "content")
    number = colours["content"].n_unique()
    for _ in range(min(MAX_DEPTH, max(ROUNDS, MAX_COMPARED // links.height))):
        seen = links.join(colours, left_on="other", right_on="node", how="left")
        key = pl.concat_str([pl.col(c).cast(pl.String).str.zfill(10) for c in ("way", "p", "content")])
        around = seen.select("node", key.alias("key")).sort("node", "key")
        signature = around.group_by("node").agg(around=pl.col("key").str.join(" "))
        joined = colours.join(signature, on="node", how="left", maintain_order="left").with_columns(
            pl.col("around").fill_null("")
        )
        own = pl.col("content").cast(pl.String).str.zfill(10)
        ranked = joined.select("node", content=pl.concat_str([own, "around"]).rank("dense"))
        if ranked["content"].n_unique() == number:
            return colours["content"]
        colours, number = ranked, ranked["content"].n_unique()
    raise _alike()


def _trees(nodes: pl.Series, inner: pl.DataFrame) -> pl.Series:
    """For each of ``nodes`` whether the blank nodes that it is linked with, ways disregarded, form a tree.

    Components by hooking each to its least neighbour and halving the way to the root, which takes few rounds even for long chains.
    """
    place = nodes.to_frame("node").with_row_index("at")
    ends = [
        inner.select(node=column).join(place, on="node", how="left", maintain_order="left")["at"].to_numpy()
        for column in ("s", "node")
    ]
    root = np.arange(len(nodes))
    while True:
        left, right = root[ends[0]], root[ends[1]]
        if (left == right).all():
            break
        np.minimum.at(root, np.maximum(left, right), np.minimum(left, right))
        while not np.array_equal(root, up := root[root]):
            root = up
    members = np.bincount(root, minlength=len(nodes))
    links = np.bincount(root[ends[0]], minlength=len(nodes))
    return pl.Series("tree", (links == members - 1)[root])


def _name() -> pl.Expr:
    separator = pl.when(pl.col("anchor").str.contains("#", literal=True)).then(pl.lit(".")).otherwise(pl.lit("#"))
    below = pl.concat_str(["anchor", separator, pl.lit("genid-"), _digest(pl.col("path"))])
    return pl.when(pl.col("path") == "").then(pl.col("anchor")).otherwise(below)


def _digest(path: pl.Expr) -> pl.Expr:
    """The first 16 hexadecimal digits of SHA-256; few paths are distinct, so they are hashed once each."""
    return path.map_batches(_digests, return_dtype=pl.String)


def _digests(paths: pl.Series) -> pl.Series:
    distinct = paths.unique()
    hashes = [hashlib.sha256(path.encode()).hexdigest()[:16] for path in distinct.to_list()]
    return paths.replace_strict(distinct, pl.Series(hashes, dtype=pl.String))


def _alike() -> InputError:
    return _refused(
        "Blank nodes refer to each other in circles and can't be told apart.",
        "Des nœuds anonymes renvoient les uns aux autres en boucle et ne peuvent être distingués.",
    )


def _refused(en: str, fr: str) -> InputError:
    return InputError(
        "blank-nodes", Text(en, fr), Text("Give these nodes an identifier.", "Donnez un identifiant à ces nœuds.")
    )
