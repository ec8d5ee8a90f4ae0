"""The rules that records are checked by: what refuses a record, what warns, what is only told; from the files in `shapes/`."""

from __future__ import annotations

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from datahub.profiles import Profile, compact, profiles, shapes_files, shapes_graph
from generators.markdown import anchor, code, page, slug, table, text

DH = Namespace("https://w3id.org/datahub/ns/core/")

_INTRO = """
A push checks every record by the rules of its profile. A rule of the first kind **refuses** the record: it is kept
aside with the reason, and an earlier version of it stays. The other two kinds only tell; the record is taken. The
rest of the file is taken either way.

The rules are SHACL shapes in the folder `shapes/`. Reports name them by their address, the report column *rule* here.
Your own rules can be tried on a file with `datahub validate FILE --shapes YOURS.ttl`; see
[](../cli.md#cli-datahub-validate).
"""

_SEVERITIES = (
    (SH.Violation, "Refuses the record"),
    (SH.Warning, "Warns"),
    (SH.Info, "Is told"),
)


def pages() -> dict[str, str]:
    """A page per profile, and one that lists them."""
    made = {f"rules/{one.name}": _profile(one) for one in profiles()}
    return {**made, "rules/index": _index()}


def _index() -> str:
    rows = []
    for one in profiles():
        graph = shapes_graph(one)
        numbers = [str(len(set(graph.subjects(SH.severity, severity)))) for severity, _ in _SEVERITIES]
        rows.append((f"[{text(one.title.en)}]({one.name}.md)", text(one.title.fr), text(one.version), *numbers))
    headers = ("profile", "en français", "release", *(title.lower() for _, title in _SEVERITIES))
    toc = "\n".join(["```{toctree}", ":hidden:", "", *(one.name for one in profiles()), "```"])
    return page("# Rules", _INTRO, table(headers, rows), toc)


def _profile(profile: Profile) -> str:
    graph = shapes_graph(profile)
    own = Graph().parse(shapes_files(profile)[-1], format="turtle")
    targeted = [s for s in own.subjects(RDF.type, SH.NodeShape) if (s, SH.targetClass, None) in own]
    targeted.sort(key=lambda shape: _label(own, shape, "en"))
    files = ", ".join(code(f"shapes/{path.name}") for path in shapes_files(profile))
    blocks = [f"# Rules of the profile “{text(profile.title.en)}”", f"From {files}."]
    for shape in targeted:
        blocks += _shape(profile, graph, shape)
    return page(*blocks)


def _shape(profile: Profile, graph: Graph, shape: Node) -> list[str]:
    targets = ", ".join(sorted(code(compact(str(one))) for one in graph.objects(shape, SH.targetClass)))
    title = f"{text(_label(graph, shape, 'en'))} · {text(_label(graph, shape, 'fr'))}"
    blocks = [
        anchor(f"rules-{profile.name}-{slug(str(shape).rpartition('/')[2])}") + f"## {title}",
        f"For every {targets}.",
    ]
    rules = [rule for rule in (*graph.objects(shape, SH.property), shape) if (rule, SH.severity, None) in graph]
    for severity, words in _SEVERITIES:
        found = [rule for rule in rules if graph.value(rule, SH.severity) == severity]
        found.sort(key=lambda rule: (_label(graph, rule, "en"), str(rule)))
        if found:
            blocks += [
                f"### {words}",
                table(("what", "message", "en français", "fix", "rule"), [_row(graph, one) for one in found]),
            ]
    return blocks


def _row(graph: Graph, rule: Node) -> tuple[str, str, str, str, str]:
    path = graph.value(rule, SH.path)
    where = f" ({code(compact(str(path)))})" if isinstance(path, URIRef) else ""
    return (
        text(_label(graph, rule, "en")) + where,
        text(_in(graph, rule, SH.message, "en")),
        text(_in(graph, rule, SH.message, "fr")),
        text(_in(graph, rule, DH.fix, "en")),
        code(compact(str(rule)).rpartition("/")[2]) if isinstance(rule, URIRef) else "",
    )


def _label(graph: Graph, node: Node, lang: str) -> str:
    return _in(graph, node, SH.name, lang) or compact(str(node))


def _in(graph: Graph, node: Node, predicate: URIRef, lang: str) -> str:
    return next((str(one) for one in graph.objects(node, predicate) if getattr(one, "language", None) == lang), "")
