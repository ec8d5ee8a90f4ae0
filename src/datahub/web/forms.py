"""Wire forms: what a resource can be had as, and the choice among them (RFC 9110 section 12.5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import Query, Request

from datahub.errors import DatahubError
from datahub.i18n import Text


@dataclass(frozen=True)
class Form:
    """One wire form: ``name`` is the value of ``?format=``, ``media`` what is sent, ``also`` other media types that ask for it."""

    name: str
    media: str
    extension: str
    label: Text
    also: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The value of the ``Content-Type`` header; textual types say that they are UTF-8."""
        return f"{self.media}; charset=utf-8" if self.media.startswith("text/") else self.media


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("html", "text/html", "html", Text("Web page", "Page web"), ("application/xhtml+xml",)),
        Form("json", "application/json", "json", Text("JSON", "JSON")),
        Form("jsonld", "application/ld+json", "jsonld", Text("JSON-LD", "JSON-LD")),
        Form("ttl", "text/turtle", "ttl", Text("Turtle", "Turtle"), ("application/x-turtle",)),
        Form("nt", "application/n-triples", "nt", Text("N-Triples", "N-Triples")),
        Form("nq", "application/n-quads", "nq", Text("N-Quads", "N-Quads")),
        Form("trig", "application/trig", "trig", Text("TriG", "TriG")),
        Form("rdfxml", "application/rdf+xml", "rdf", Text("RDF/XML", "RDF/XML")),
        Form("csv", "text/csv", "csv", Text("CSV (spreadsheet)", "CSV (tableur)")),
        Form("geojson", "application/geo+json", "geojson", Text("GeoJSON (map)", "GeoJSON (carte)")),
    )
}
"""All forms that routes may offer, by name."""

RDF_FORMS = ("jsonld", "ttl", "nt", "nq", "trig", "rdfxml")


class NotAcceptableError(DatahubError):
    """The resource exists, and is offered in none of the forms asked for; ``offered`` names those that there are."""

    status = 406

    def __init__(self, asked: str, offered: Iterable[Form]) -> None:
        self.offered = tuple(offered)
        names = ", ".join(f"{form.name} ({form.media})" for form in self.offered)
        super().__init__(
            "not-acceptable",
            Text(
                "This resource is not available as “{asked}”.", "Cette ressource n'est pas disponible en « {asked} »."
            ).format(asked=asked[:200]),
            Text("Ask for one of: {names}.", "Demandez l'un de ces formats : {names}.").format(names=names),
        )


def accepted(header: str) -> list[tuple[str, float]]:
    """The media ranges of an ``Accept`` header with their weights; malformed parts are left out."""
    ranges = []
    for part in header.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    weight = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
        if media:
            ranges.append((media.lower(), weight))
    return ranges


def choose(accept: str | None, offered: tuple[Form, ...]) -> Form:
    """The form that ``accept`` weighs highest; among equals, the first of ``offered``.

    A page is given only to those who name its media type: whoever accepts anything (``*/*``) is a program and gets data.
    Raises `NotAcceptableError` when nothing fits.
    """
    data_first = tuple(sorted(offered, key=lambda form: form.name == "html"))
    ranges = accepted(accept) if accept else []
    if not ranges:
        return data_first[0]
    weights = [(_weight(form, ranges), form) for form in data_first]
    best = max(weights, key=lambda item: item[0])
    if best[0] <= 0:
        raise NotAcceptableError(accept or "", offered)
    return best[1]


def _weight(form: Form, ranges: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that matches ``form``; of two of its media types the better one counts."""
    best = 0.0
    for media in (form.media, *form.also):
        for pattern in (media, media.split("/")[0] + "/*", "*/*"):
            weights = [weight for name, weight in ranges if name == pattern]
            if weights:
                best = max(best, max(weights))
                break
    return best


def prefers_page(request: Request) -> bool:
    """Whether the caller wants a page for people rather than data, where the route itself offers one kind of data only."""
    asked = request.query_params.get("format")
    if asked is not None:
        return asked.strip().lower() == FORMS["html"].name
    return page_outweighs(request.headers.get("accept", ""), lambda media: media.endswith("json"))


def page_outweighs(accept: str, is_data: Callable[[str], bool]) -> bool:
    """Whether ``accept`` weighs a page above all media types that are data (RFC 9110 section 12.5.1)."""
    ranges = accepted(accept)
    page = max((weight for media, weight in ranges if media == FORMS["html"].media), default=0.0)
    return page > max((weight for media, weight in ranges if is_data(media)), default=0.0)


def offering(*names: str) -> Callable[[Request, str | None], Form]:
    """A dependency that gives the form in which to answer, by ``?format=`` or ``Accept``, out of ``names``."""
    offered = tuple(FORMS[name] for name in names)

    def form(
        request: Request,
        asked: str | None = Query(
            None,
            alias="format",
            description="The form of the answer, by name or media type; overrides the Accept header.",
            examples=list(names),
        ),
    ) -> Form:
        request.state.offered = offered
        if asked is None:
            chosen = choose(request.headers.get("accept"), offered)
        else:
            wanted = asked.strip().lower()
            hits = [f for f in offered if wanted in (f.name, f.extension, f.media, *f.also)]
            if not hits:
                raise NotAcceptableError(asked, offered)
            chosen = hits[0]
        request.state.form = chosen
        return chosen

    return form


def described(*names: str, description: str = "The resource") -> dict[int | str, dict[str, Any]]:
    """The OpenAPI ``responses`` of a route that offers the forms ``names``."""
    return {200: {"description": description, "content": {FORMS[name].media: {} for name in names}}}
