"""Files lifted batch by batch to N-Triples: the same graph as from a frame."""

from __future__ import annotations

import csv as stdlib_csv
import gc
import io
import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Event
from types import SimpleNamespace as Kit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datahub.mapping import lift, lift_to, parse, plan, streaming
from datahub.mapping.scope import Rows, Scope
from datahub.sources import csv_stream, json_stream

PREFIXES = """
@prefix rml: <http://w3id.org/rml/> .
@prefix ex: <http://ex.org/> .
"""
CATALOGUE = """
<#product> rml:logicalSource [ rml:source "t.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "p/{sku}" ; rml:class ex:Product ; rml:graph ex:g ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ; rml:language "fr" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#farm> ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:note ; rml:objectMap [ rml:reference "note" ] ] .
<#farm> rml:logicalSource [ rml:source "t.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "farms/{farm}" ; rml:class ex:Farm ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "farm" ] ] .
<#node> rml:logicalSource [ rml:source "t.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate ex:of ; rml:objectMap [ rml:template "p/{sku}" ] ] .
"""


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a few rows."""
    for module in (csv_stream, json_stream):
        monkeypatch.setitem(module.batches.__kwdefaults__, "size", 400)


def written(folder: Path, turtle: str, *, graphs: bool = True) -> list[str]:
    path = folder / "m.ttl"
    path.write_text("@base <http://maps/> ." + PREFIXES + turtle)
    mapping, out = parse(path), io.BytesIO()
    result = lift_to(out, mapping, None, "http://b/", graphs=graphs)
    lines = [line + "\n" for line in out.getvalue().decode().split("\n")[:-1]]
    assert result.statements == len(lines)
    whole = lift(mapping, None, "http://b/")
    assert sorted(set(lines)) == sorted(set(whole.frame.lines().to_list()) if graphs else set(lines))
    assert sorted(result.findings["message_en"]) == sorted(whole.findings["message_en"].unique())
    return lines


@pytest.mark.usefixtures("small_batches")
def test_a_csv_file_in_batches_gives_each_statement_once(tmp_path: Path) -> None:
    rows = [f"s{n},Nom “{n}”,farm {n % 3}," + ('"a ""note"""' if n % 2 else "") for n in range(60)]
    (tmp_path / "t.csv").write_text("sku,name,farm,note\n" + "\n".join(rows))
    lines = written(tmp_path, CATALOGUE)
    assert len(lines) == len(set(lines)) == 60 * 3 + 30 + 3 * 2 + 60


@pytest.mark.usefixtures("small_batches")
def test_a_join_needs_both_sources_whole(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sku,farm\n" + "\n".join(f"s{n},{n % 4}" for n in range(80)))
    (tmp_path / "farms.csv").write_text("id,name\n" + "\n".join(f"{n},Ferme {n}" for n in (3, 2, 1)))
    turtle = """
    <#p> rml:logicalSource [ rml:source "t.csv" ; rml:referenceFormulation rml:CSV ] ;
      rml:subjectMap [ rml:template "p/{sku}" ] ;
      rml:predicateObjectMap [ rml:predicate ex:by ; rml:objectMap [ rml:parentTriplesMap <#f> ;
        rml:joinCondition [ rml:child "farm" ; rml:parent "id" ] ] ] .
    <#f> rml:logicalSource [ rml:source "farms.csv" ; rml:referenceFormulation rml:CSV ] ;
      rml:subjectMap [ rml:template "f/{id}" ] ;
      rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ] ] .
    """
    assert len(written(tmp_path, turtle)) == 60 + 3


@pytest.mark.usefixtures("small_batches")
def test_nested_json_in_batches_keeps_values_of_one_member_apart_by_datatype(tmp_path: Path) -> None:
    items = [
        {"id": n, "v": n if n % 2 else n + 0.5, "t": ["x", n], "o": [{"k": "a"}, {"k": f"b{n}"}]} for n in range(40)
    ]
    (tmp_path / "t.json").write_text(json.dumps({"items": items}))
    turtle = """
    <#i> rml:logicalSource [ rml:source "t.json" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$.items[*]" ] ;
      rml:subjectMap [ rml:template "i/{id}" ] ;
      rml:predicateObjectMap [ rml:predicate ex:v ; rml:objectMap [ rml:reference "v" ] ] ;
      rml:predicateObjectMap [ rml:predicate ex:t ; rml:objectMap [ rml:reference "t[*]" ] ] .
    <#o> rml:logicalSource [ rml:source "t.json" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$.items[*].o[*]" ] ;
      rml:subjectMap [ rml:template "o/{k}" ; rml:class ex:O ] .
    """
    lines = written(tmp_path, turtle)
    assert len(lines) == 40 + 80 + 41
    assert '<http://b/i/1> <http://ex.org/v> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n' in lines
    assert '<http://b/i/2> <http://ex.org/v> "2.5"^^<http://www.w3.org/2001/XMLSchema#double> .\n' in lines


def test_n_triples_have_no_graph_names(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sku,name,farm,note\n1,a,f,\n")
    assert not [line for line in written(tmp_path, CATALOGUE, graphs=False) if "ex.org/g" in line]


def test_findings_are_kept_up_to_a_number_and_the_others_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "MAX_FINDINGS", 5)
    (tmp_path / "t.csv").write_text("id,url\n" + "\n".join(f"{n},not a url" for n in range(9)))
    turtle = """<#t> rml:logicalSource [ rml:source "t.csv" ; rml:referenceFormulation rml:CSV ] ;
      rml:subjectMap [ rml:template "t/{id}" ] ;
      rml:predicateObjectMap [ rml:predicate ex:u ; rml:objectMap [ rml:reference "url" ; rml:termType rml:IRI ] ] ."""
    path = tmp_path / "m.ttl"
    path.write_text("@base <http://maps/> ." + PREFIXES + turtle)
    result = lift_to(io.BytesIO(), parse(path))
    assert (result.findings.height, result.untold) == (5, 4)


def subject(name: str, kind: str) -> str:
    return f"<#{name}> rml:logicalSource <#csv> ; rml:subjectMap [ {kind} ; rml:class ex:C ] .\n"


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ('rml:template "p/{a}"', 'rml:template "p/{b}#x"', True),
        ('rml:template "p/{a}"', 'rml:template "q/{a}"', True),
        ('rml:template "p/{a}#x"', 'rml:template "p/{a}#y"', True),
        ('rml:template "p/{a}"', 'rml:template "p/{b}"', False),
        ('rml:template "p/{a}"', 'rml:template "p/x{b}"', False),
        ('rml:template "p/{a}"', 'rml:template "http://hub/d/p/{a}"', False),
        ('rml:template "p/{a}"', 'rml:reference "b"', False),
        ('rml:template "p/{a}"', 'rml:template "p/{a}" ; rml:termType rml:BlankNode', True),
        ('rml:template "p/{a}"', "rml:constant <http://hub/d/p/1>", False),
        ("rml:constant ex:a", "rml:constant ex:b", True),
    ],
)
def test_templates_tell_which_statements_can_meet(kit: Kit, one: str, other: str, apart: bool) -> None:
    compiled = plan(parse(kit.PREFIXES + subject("one", one) + subject("other", other)))
    assert (len(compiled.single) == 2) is apart
    assert len(compiled.single) in (0, 2)


HOSTILE = st.text(st.sampled_from('aé"\\\t\x01\x1f\x7f\r\n ,\u2028'), max_size=4)
PLAIN = st.text(st.sampled_from("aé ;"), min_size=1, max_size=4)


@pytest.mark.usefixtures("small_batches")
@given(names=st.lists(HOSTILE | PLAIN, min_size=1, max_size=40), plain=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_cells_hold_is_escaped_where_it_has_to_be(tmp_path: Path, names: list[str], plain: bool) -> None:
    names = [name.translate(str.maketrans("", "", '"\\\t\x01\x1f\x7f\r\n,')) if plain else name for name in names]
    text = io.StringIO()
    writer = stdlib_csv.writer(text, quoting=stdlib_csv.QUOTE_MINIMAL)
    writer.writerows([["sku", "name", "farm", "note"], *([f"s{n}", name, "f", "-"] for n, name in enumerate(names))])
    (tmp_path / "t.csv").write_text(text.getvalue(), newline="")
    written(tmp_path, CATALOGUE)
    (tmp_path / "t.json").write_text(json.dumps([{"a": name} for name in names], ensure_ascii=plain))
    source = '[ rml:source "t.json" ; rml:referenceFormulation rml:JSONPath ; rml:iterator "$[*]" ]'
    written(
        tmp_path,
        f"<#x> rml:logicalSource {source} ; rml:subjectMap [ rml:termType rml:BlankNode ] ; "
        'rml:predicateObjectMap [ rml:predicate ex:a ; rml:objectMap [ rml:reference "a" ] ] .',
    )


@pytest.mark.usefixtures("small_batches")
def test_the_columns_of_a_batch_are_freed_with_it(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sku,name,farm,note\n" + "".join(f"s{n},a,farm {n % 3},\n" for n in range(200)))
    (tmp_path / "m.ttl").write_text("@base <http://maps/> ." + PREFIXES + CATALOGUE)
    gc.collect()
    gc.disable()  # what holds itself in a circle would stay
    try:
        before = _kept()
        lift_to(io.BytesIO(), parse(tmp_path / "m.ttl"), None, "http://b/")
        assert _kept() == before
    finally:
        gc.enable()


def _kept() -> int:
    return sum(isinstance(kept, Rows | Scope) for kept in gc.get_objects())


def test_what_is_to_be_read_after_a_failure_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    reading, cancelled = Event(), Event()
    cancel = Future.cancel

    def told(self: Future[object]) -> bool:
        done = cancel(self)
        if done:
            cancelled.set()
        return done

    def batches() -> Iterator[streaming.Batch]:
        for number in range(4):
            read.append(number)
            if number:  # it is being read when the lift fails
                reading.set()
                cancelled.wait(5)
            yield {}, {}

    monkeypatch.setattr(Future, "cancel", told)
    ahead = streaming._ahead(batches())
    next(ahead)
    assert reading.wait(5)
    del ahead
    assert read == [0, 1]
