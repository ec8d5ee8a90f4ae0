"""The ontologies, concept schemes and reused vocabularies: one page per Turtle file of `ontologies/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from datahub.profiles import FORMATS, Module, Term, compact, prefixes, profiles, vocabulary
from generators.markdown import anchor, code, page, slug, table, text

_INTRO = """
These pages are made from the Turtle files in `ontologies/`. A running hub has a page for every term under
`/ns/{module}/{term}`, and gives the Turtle to programs at the same address. [The shared
models](../../explanation/models.md) tells how the terms fit together.
"""

_PERSONAL = """
The values of these properties stay out of everything open. [Who sees what](../../explanation/visibility.md) says who gets them.
"""

_PREFIXES = "These pages, and the reports, shorten addresses: `dct:title` stands for `http://purl.org/dc/terms/title`."

_SORTS = {
    "ontology": ("Ontologies of datahub", "Only what no maintained vocabulary has."),
    "scheme": ("Concept schemes", "The code lists: values that records share."),
    "reused": ("Reused vocabularies", "Terms of others that the models are made of, by their own addresses."),
}

_KINDS = (
    ("class", "Classes"),
    ("object-property", "Properties that lead to something"),
    ("datatype-property", "Properties that hold a value"),
    ("property", "Properties"),
    ("annotation-property", "Properties about terms"),
    ("individual", "Individuals"),
    ("concept", "Concepts"),
    ("function", "Functions"),
    ("parameter", "Parameters of functions"),
    ("datatype", "Datatypes"),
    ("constraint-component", "Kinds of rules"),
)


def pages() -> dict[str, str]:
    """A page per module, and one that lists them."""
    made = {f"ontologies/{_file(module)}": _module(module) for module in vocabulary().modules()}
    return {**made, "ontologies/index": _index(vocabulary().modules())}


def _file(module: Module) -> str:
    return module.name.replace("/", "-")


def _index(modules: Sequence[Module]) -> str:
    blocks = ["# Ontologies", _INTRO]
    used = {name: [one.name for one in profiles() if name in one.modules] for name in (m.name for m in modules)}
    for sort, (title, words) in _SORTS.items():
        rows = [
            (
                f"[{text(one.title.en)}]({_file(one)}.md)",
                text(one.title.fr),
                str(len(vocabulary().terms(one.name))),
                ", ".join(used[one.name]),
            )
            for one in modules
            if one.kind == sort
        ]
        blocks += [f"## {title}", words, table(("module", "en français", "terms", "in profiles"), rows)]
    personal = [one for one in vocabulary() if one.sensitivity == "personal"]
    names = [(code(compact(one.iri)), text(one.label.en), text(one.label.fr)) for one in personal]
    blocks += [
        anchor("personal-data") + "## Personal data",
        _PERSONAL,
        table(("property", "English", "français"), names),
    ]
    blocks += [
        "## Prefixes",
        _PREFIXES,
        table(("prefix", "stands for"), [(code(k), code(v)) for k, v in prefixes().items()]),
    ]
    toc = "\n".join(["```{toctree}", ":hidden:", "", *map(_file, modules), "```"])
    return page(*blocks, toc)


def _module(module: Module) -> str:
    terms = vocabulary().terms(module.name)
    facts = [("address", code(module.iri)), ("en français", text(module.title.fr))]
    if module.version:
        facts.append(("release", text(module.version)))
    blocks = [f"# {text(module.title.en)}"]
    if module.description:
        blocks += [text(module.description.en), text(module.description.fr)]
    blocks.append(table(("", ""), facts))
    for kind, title in _KINDS:
        found = [one for one in terms if one.kind == kind]
        if not found:
            continue
        blocks.append(f"## {title}")
        if module.kind == "ontology" and kind != "parameter":
            blocks += [_section(one) for one in found]
        else:
            blocks.append(_listing(found))
    return page(*blocks)


def _section(term: Term) -> str:
    """A term of ours: what it is called, what it means, how it is tied to others."""
    lines = [
        anchor(f"{term.kind}-{slug(compact(term.iri))}") + f"### {text(compact(term.iri))}",
        f"**{text(term.label.en)}** · {text(term.label.fr)}",
    ]
    if term.definition:
        lines += [text(term.definition.en), text(term.definition.fr)]
    facts = [(name, value) for name, value in _facts(term) if value]
    if facts:
        lines.append("\n".join(f"- {name}: {value}" for name, value in facts))
    return "\n\n".join(lines)


def _facts(term: Term) -> list[tuple[str, str]]:
    return [
        ("kind of", _names(term.parents)),
        ("is a", _names(one for one in term.types if "www.w3.org" not in one)),
        ("said of", _names([term.domain] if term.domain else [])),
        ("leads to" if term.kind == "object-property" else "value", _names([term.range] if term.range else [])),
        ("inverse", _names([term.inverse] if term.inverse else [])),
        ("aligned with", "; ".join(f"{code(compact(p))} {code(compact(other))}" for p, other in term.alignments)),
        ("codes", _codes(term)),
        ("personal data", "yes: never in anything open" if term.sensitivity == "personal" else ""),
    ]


def _listing(terms: Sequence[Term]) -> str:
    """Concepts and reused terms: a line each, with the columns that any of them fills."""
    columns = {
        "term": [code(compact(one.iri)) for one in terms],
        "English": [text(one.label.en) for one in terms],
        "français": [text(one.label.fr) for one in terms],
        "meaning": [text(one.definition.en) if one.definition else "" for one in terms],
        "kind of": [_names(one.parents) for one in terms],
        "codes": [_codes(one) for one in terms],
        "aligned with": [_names(other for _, other in one.alignments) for one in terms],
        "personal data": ["yes" if one.sensitivity == "personal" else "" for one in terms],
    }
    filled = {name: cells for name, cells in columns.items() if any(cells)}
    return table(tuple(filled), zip(*filled.values(), strict=True))


def _names(iris: Iterable[str]) -> str:
    return ", ".join(code(compact(iri)) for iri in iris)


def _codes(term: Term) -> str:
    """The codes of a concept by the format that uses them; ``hub`` is our own short code."""
    formats = {notation: name for name, notation in FORMATS.items()}
    return "; ".join(
        f"{text(formats[notation])} {', '.join(code(one) for one in values)}" for notation, values in term.codes.items()
    )
