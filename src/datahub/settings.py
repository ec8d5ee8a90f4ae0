"""The settings of a hub: every one has a default that needs no server, and an environment variable ``DATAHUB_…``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1 << 20


class Settings(BaseSettings):
    """What a hub needs to know before it starts. Sizes are in bytes, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="DATAHUB_", frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path("datahub-data"), description="Folder of the embedded log, graph and locks.")
    log_url: str | None = Field(
        default=None, description="sqlite:///… or postgresql://…; by default SQLite in data_dir."
    )
    graph_url: str | None = Field(default=None, description="oxigraph:///folder; by default in data_dir.")
    base_iri: str = Field(default="http://127.0.0.1:8000/", description="Prefix of the IRIs that the hub mints.")
    public_url: str | None = Field(
        default=None, description="Address under which the server is reached; by default base_iri."
    )
    host: str = Field(default="127.0.0.1", description="Address that the server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that the server listens on.")
    default_lang: Literal["en", "fr"] = Field(
        default="fr", description="Language for readers who ask for neither of the two."
    )
    admin_key: SecretStr | None = Field(default=None, description="An API key that may do everything.")

    max_push_bytes: int = Field(default=1024 * MIB, gt=0, description="The largest file that one push may bring.")
    deletion_share: float = Field(
        default=0.5, ge=0, le=1, description="A snapshot that deletes a larger share of a dataset must be confirmed."
    )
    deletion_floor: int = Field(default=20, ge=0, description="Up to so many deletions need no confirmation.")
    findings_listed: int = Field(
        default=500, ge=0, description="Single findings listed in a push report; totals stay true."
    )
    kept_refusals: int = Field(default=10, ge=1, description="Pushes per dataset whose refused records are kept aside.")

    query_seconds: float = Field(default=10.0, gt=0, description="How long one SPARQL query may run.")
    query_rows: int = Field(default=100_000, gt=0, description="How many rows or triples one query may give.")
    query_bytes: int = Field(default=64 * MIB, gt=0, description="How large the answer to one query may be.")
    query_memory: int = Field(
        default=2048 * MIB, gt=0, description="How much memory the process of one query may take."
    )
    query_workers: int = Field(default=2, ge=1, description="How many queries run at the same time.")

    push_workers: int = Field(
        default=2, ge=1, description="Datasets whose pushes the server works off at the same time."
    )
    pushes_per_minute: int = Field(default=60, ge=1, description="Pushes that one platform may send in a minute.")
    max_check_bytes: int = Field(
        default=50 * MIB, gt=0, description="The largest file that `POST /validate` checks for anyone."
    )
    max_check_triples: int = Field(
        default=3_000_000, gt=0, description="How many triples an RDF file may have that `POST /validate` checks."
    )
    max_check_results: int = Field(
        default=1_000_000, ge=1, description="How often a file may break rules that `POST /validate` checks."
    )
    max_check_findings: int = Field(
        default=50_000, ge=1, description="How many findings the report of `POST /validate` lists; it counts all."
    )
    checks_per_minute: int = Field(default=20, ge=1, description="Checks that one address may ask for in a minute.")
    queries_per_minute: int = Field(
        default=120, ge=1, description="SPARQL queries that one address may send in a minute."
    )
    tile_url: str | None = Field(
        default=None, description="Template of map tiles, https://…/{z}/{x}/{y}.png; by default none."
    )
    tile_attribution: str | None = Field(default=None, description="Who made the tiles, as the map must say.")

    @field_validator("base_iri", "public_url")
    @classmethod
    def _ends_with_slash(cls, value: str | None) -> str | None:
        return value if value is None or value.endswith("/") else value + "/"

    @property
    def log(self) -> str:
        """The URL of the log."""
        return self.log_url or f"sqlite:///{self.data_dir / 'log.db'}"

    @property
    def graph(self) -> str:
        """The URL of the graph."""
        return self.graph_url or f"oxigraph:///{self.data_dir / 'graph'}"

    @property
    def url(self) -> str:
        """The address under which the server is reached, ending with a slash."""
        return self.public_url or self.base_iri

    def record_base(self, dataset: str) -> str:
        """The IRI prefix under which the records of a dataset are minted."""
        return f"{self.base_iri}records/{dataset}/"

    def dataset_iri(self, dataset: str) -> str:
        """The IRI of a dataset; also the name of its graph."""
        return f"{self.base_iri}datasets/{dataset}"

    def platform_iri(self, platform: str) -> str:
        """The IRI of a platform."""
        return f"{self.base_iri}platforms/{platform}"
