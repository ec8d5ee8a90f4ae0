"""RDF/XML: what XML asks for beyond what RDF does."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from datahub.errors import InputError
from datahub.rdf.compare import same
from datahub.rdf.formats import parse, write

BODY = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'
    '<e:B rdf:about="http://e/a"><e:p>Pâté</e:p></e:B></rdf:RDF>'
)


@pytest.mark.parametrize(
    "class_",
    ["urn:x:1", "http://e/", "http://e/x#1", "http://e/a/&1", "https://w3id.org/datahub/ns/core/", "http://e/é"],
)
def test_it_is_xml_whatever_the_classes_are_called(class_: str) -> None:
    """An element needs a name, and nothing of these IRIs can be one."""
    lines = f'<http://e/s> a <{class_}> ; <http://e/p> "<b: x> </b:>" .\n_:b a <{class_}> , <http://e/B> .'
    frame = parse(lines.encode(), "ttl")
    text = write(frame, "rdfxml")
    ElementTree.fromstring(text)
    assert same(parse(text, "rdfxml"), frame)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", None),
        ("utf-8-sig", "UTF-8"),
        ("latin-1", "ISO-8859-1"),
        ("cp1252", "windows-1252"),
        ("utf-16", "UTF-16"),
        ("utf-16", None),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_it_is_read_in_the_encoding_that_it_names(encoding: str, declared: str | None) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    frame = parse((head + BODY).encode(encoding), "rdfxml")
    assert same(frame, parse(BODY.encode(), "rdfxml"))


def test_another_encoding_than_the_one_it_names_is_told() -> None:
    for data in (
        b'<?xml version="1.0" encoding="UTF-8"?>' + BODY.encode("latin-1"),
        b'<?xml version="1.0" encoding="klingon"?>' + BODY.encode(),
        BODY.encode("utf-16")[:-1],
    ):
        with pytest.raises(InputError) as refused:
            parse(data, "rdfxml")
        assert refused.value.code in ("syntax", "encoding")
