"""The tables of the log's database. Times are microseconds since 1970 in UTC; visibilities are ranks, 0 the widest."""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA_VERSION = 1
"""The version of this layout, stored in the database. Raise it with every change, and write the step that brings old ones up."""

metadata = sa.MetaData()

BYTEWISE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
"""Text that sorts by code point on every database."""

layout = sa.Table("layout", metadata, sa.Column("version", sa.Integer, primary_key=True))

head = sa.Table(
    "head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
)
"""One row: the last sequence number given out and the last commit time. Its row lock is what makes commits queue."""

platform = sa.Table(
    "platform",
    metadata,
    sa.Column("id", BYTEWISE, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("home", sa.String),
    sa.Column("kind", sa.String),
    sa.Column("approved", sa.Boolean, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
)

dataset = sa.Table(
    "dataset",
    metadata,
    sa.Column("id", BYTEWISE, primary_key=True),
    sa.Column("platform", sa.ForeignKey("platform.id"), nullable=False),
    sa.Column("title_en", sa.String, nullable=False),
    sa.Column("title_fr", sa.String, nullable=False),
    sa.Column("description_en", sa.String, nullable=False),
    sa.Column("description_fr", sa.String, nullable=False),
    sa.Column("connector", sa.String, nullable=False),
    sa.Column("profile", sa.String, nullable=False),
    sa.Column("licence", sa.String, nullable=False),
    sa.Column("visibility", sa.SmallInteger, nullable=False),
    sa.Column("source", sa.String),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("withdrawn", sa.BigInteger),
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("platform", sa.ForeignKey("platform.id"), nullable=False, index=True),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False, unique=True),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("revoked", sa.BigInteger),
)
"""hash: SHA-256 of the secret, which is random and long enough not to need a slow hash."""

push = sa.Table(
    "push",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("dataset", BYTEWISE, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("report", sa.Text, nullable=False),
    sa.Index("push_of_dataset", "dataset", "position"),
)
"""position: counts the pushes of a dataset."""

version = sa.Table(
    "version",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("dataset", BYTEWISE, nullable=False),
    sa.Column("record", BYTEWISE, nullable=False),
    sa.Column("op", sa.String, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String),
    sa.Column("visibility", sa.SmallInteger),
    sa.Column("was", sa.SmallInteger),
    sa.Column("previous", sa.BigInteger),
    sa.Column("push", sa.String, nullable=False),
    sa.Column("dictionary", sa.Integer),
    sa.Column("body", sa.LargeBinary),
    sa.Index("version_of_dataset", "dataset", "seq"),
)
"""The log. visibility: rank of this version, null for a deletion. was: rank of the version before it, null where nothing stood.
previous: sequence number of the version before. body: N-Triples, zstd, with the named dictionary if any; null for a deletion."""

current = sa.Table(
    "current",
    metadata,
    sa.Column("record", BYTEWISE, primary_key=True),
    sa.Column("dataset", BYTEWISE, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("op", sa.String, nullable=False),
    sa.Column("hash", sa.String),
    sa.Column("visibility", sa.SmallInteger),
    sa.Column("widest", sa.SmallInteger, nullable=False),
    sa.Index("current_of_dataset", "dataset", "seq"),
    sa.Index("current_by_seq", "seq"),
)
"""The last version of each record, deletions too: a projection of the log. widest: the widest rank it ever had."""

tally = sa.Table(
    "tally",
    metadata,
    sa.Column("dataset", BYTEWISE, primary_key=True),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("deleted", sa.BigInteger, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
)
"""What stands in each dataset and how many versions of each kind it has, with its last one: a projection of the log."""

refused = sa.Table(
    "refused",
    metadata,
    sa.Column("push", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("record", sa.String),
    sa.Column("row", sa.BigInteger),
    sa.Column("native", sa.Text),
    sa.Column("body", sa.LargeBinary),
    sa.Column("findings", sa.Text, nullable=False),
)

dictionary = sa.Table(
    "dictionary",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("dataset", BYTEWISE, nullable=False, index=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
