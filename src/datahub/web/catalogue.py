"""The hub's catalogue as the DCAT writer wants it."""

from __future__ import annotations

from datahub.hub import Dataset
from datahub.i18n import Text
from datahub.profiles import profile
from datahub.rdf.frame import Frame
from datahub.syndication.dcat import Described, Publisher, catalogue, dataset, publisher
from datahub.web.site import Site

TITLE = Text("datahub: open data of cooperative platforms", "datahub : données ouvertes de plateformes coopératives")
DESCRIPTION = Text(
    "What cooperative platforms of food, mobility and hospitality publish here, each in its words and under its licence.",
    "Ce que publient des plateformes coopératives d'alimentation, de mobilité et d'hospitalité, chacune sous sa licence.",
)


def described(one: Dataset, by: str) -> Described:
    """What the catalogue says of a dataset."""
    return Described(
        id=one.id,
        iri=one.iri,
        title=one.title,
        description=one.description,
        publisher=by,
        licence=one.licence,
        source=one.source,
        issued=one.created,
        modified=one.modified,
        records=one.records,
        standard=f"https://w3id.org/datahub/ns/{profile(one.profile).modules[-1]}",
        visibility=one.visibility,
    )


def publishers(site: Site) -> dict[str, Publisher]:
    """All platforms as publishers, by name."""
    return {p.id: Publisher(p.iri, p.name, p.home, p.kind) for p in site.hub.platforms.all()}


def operator(site: Site) -> Publisher:
    """The hub itself, which publishes the catalogue."""
    return Publisher(site.links.to("/#hub"), "datahub", site.links.to("/"), None)


def whole(site: Site) -> Frame:
    """The catalogue of everything open."""
    agents = publishers(site)
    datasets = site.hub.datasets.all()
    found = [described(one, agents[one.platform].iri) for one in datasets]
    by_iri = {agent.iri: agent for agent in agents.values()}
    latest = max((one.modified or one.created for one in datasets), default=None)
    return catalogue(site.links, TITLE, DESCRIPTION, found, by_iri, operator(site), latest)


def single(site: Site, one: Dataset) -> Frame:
    """The description of one dataset."""
    agent = publishers(site)[one.platform]
    return dataset(site.links, described(one, agent.iri), agent)


def agent(site: Site, platform: str) -> Frame:
    """The description of one platform."""
    return publisher(publishers(site)[platform])
