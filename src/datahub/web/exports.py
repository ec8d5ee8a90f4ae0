"""Records in any data form: the one table from forms to writers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datahub.hub import Dataset
from datahub.i18n import Lang
from datahub.rdf.formats import write as write_rdf
from datahub.rdf.frame import Frame, concat
from datahub.syndication import fields, geojson, tabular
from datahub.syndication.graphs import by_dataset
from datahub.syndication.names import Names
from datahub.web.forms import Form

DATA_FORMS = ("jsonld", "ttl", "nt", "nq", "trig", "rdfxml", "csv", "geojson")
_BY_LINE = ("nt", "nq")
_WITH_GRAPHS = ("nq", "trig")


def write(names: Names, frame: Frame, form: Form, lang: Lang, datasets: Iterable[Dataset]) -> bytes:
    """``frame`` in ``form``, in which the licences of ``datasets`` are named where the form has a place for them."""
    if form.name == "csv":
        return tabular.write(fields.of_records(frame), names, lang)
    if form.name == "geojson":
        return geojson.write(fields.of_records(frame), names, lang, provenance(datasets, lang))
    return write_rdf(by_dataset(frame) if form.name in _WITH_GRAPHS else frame, form.name)


def stream(
    names: Names, frames: Iterable[Frame], form: Form, lang: Lang, datasets: Iterable[Dataset]
) -> Iterator[bytes]:
    """Many records in ``form``: piece by piece where the form is one of lines, else at once."""
    if form.name in _BY_LINE:
        for frame in frames:
            yield write(names, frame, form, lang, datasets)
    else:
        yield write(names, concat(list(frames)), form, lang, datasets)


def provenance(datasets: Iterable[Dataset], lang: Lang) -> dict[str, object]:
    """Who publishes and under which licence, as members of a JSON document. Different licences are listed, never merged."""
    sources = [
        {
            "id": one.iri,
            "title": one.title.to(lang),
            "publisher": one.platform,
            "license": one.licence,
            **({"source": one.source} if one.source else {}),
        }
        for one in datasets
    ]
    licences = {str(source["license"]) for source in sources}
    return {**({"license": licences.pop()} if len(licences) == 1 else {}), "sources": sources}
