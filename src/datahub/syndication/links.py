"""Addresses of what the hub syndicates, absolute under the hub's public address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Links:
    """``public`` is where readers reach the hub, ``base`` the prefix of its own IRIs; both end with a slash."""

    public: str
    base: str

    def to(self, path: str) -> str:
        """The absolute address of ``path``, which starts with a slash."""
        return self.public.rstrip("/") + path

    def dataset(self, dataset: str) -> str:
        """The address of a dataset."""
        return self.to(f"/datasets/{quote(dataset)}")

    def records(self, dataset: str | None, form: str | None = None) -> str:
        """The address of the records of a dataset (of all when None), in one form."""
        path = f"/datasets/{quote(dataset)}/records" if dataset else "/records"
        return self.to(path + (f"?format={form}" if form else ""))

    def record(self, iri: str) -> str:
        """The address of a record: its own IRI under ``public`` where the hub minted it, else a look-up by IRI."""
        return self.to(self.record_path(iri))

    def record_path(self, iri: str) -> str:
        """`record` as a path."""
        if iri.startswith(self.base + "records/"):
            return "/" + iri.removeprefix(self.base)
        return "/records?iri=" + quote(iri, safe="")

    def feed(self, dataset: str | None, kind: str) -> str:
        """The address of a change feed (``rpde`` or ``ldes``) of a dataset, or of all when None."""
        return self.to(f"/feeds/{quote(dataset or 'all')}/{kind}")
