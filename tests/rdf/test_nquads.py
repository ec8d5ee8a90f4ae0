"""N-Triples and N-Quads are read in pieces, and no piece shows in what is read."""

from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.errors import InputError
from datahub.rdf import nquads
from datahub.rdf.formats import parse
from datahub.rdf.frame import Frame
from datahub.rdf.terms import BLANK, LITERAL, XSD, Term

nodes = st.sampled_from(["<http://e/a>", "<http://e/é>", "<urn:x:1>", "_:b0", "_:b1"])
values = st.one_of(
    nodes,
    st.sampled_from(
        [
            '"x"',
            '""',
            '"a b <http://g/1>"',
            '"a _:b"@fr',
            '"a <b"^^<http://e/t>',
            '"é\\n\\"."@fr-BE',
            f'"1"^^<{XSD}integer>',
            '" ."',
        ]
    ),
)
predicates = st.sampled_from(["<http://e/p>", "<http://e/q>"])
graphs = st.sampled_from(["", "", " <http://g/1>", " _:g"])
statements = st.tuples(nodes, predicates, values, graphs).map(lambda t: f"{t[0]} {t[1]} {t[2]}{t[3]} .\n")


def read(data: bytes, piece: int = nquads.PIECE) -> Frame:
    frame = nquads.read(data, graphs=True, piece=piece)
    assert frame is not None
    return frame


@given(st.lists(statements, max_size=12), st.integers(1, 90))
def test_where_a_piece_ends_changes_nothing(lines: list[str], piece: int) -> None:
    data = "".join(lines).encode()
    whole, cut = read(data), read(data, piece)
    assert cut.lines().to_list() == whole.lines().to_list()
    assert cut.terms.height == whole.terms.height


@given(st.lists(statements, max_size=12))
def test_the_fast_reader_reads_what_the_grammar_reads(lines: list[str]) -> None:
    data = "".join(lines).encode()
    theirs = {str(quad).lower() for quad in ox.parse(data, ox.RdfFormat.N_QUADS)}
    assert len(read(data)) == len(theirs)


def test_a_triple_of_two_pieces_is_there_once_and_the_first_stays() -> None:
    one, two = b'<http://e/a> <http://e/p> "x" .\n', b'<http://e/b> <http://e/p> "x" .\n'
    frame = read(one + two + one, piece=len(one))
    assert frame.lines().to_list() == [one.decode(), two.decode()]


def test_a_blank_node_is_the_same_node_in_every_piece() -> None:
    line = b"_:b <http://e/p> _:c .\n"
    frame = read(line + b"_:c <http://e/p> _:b .\n", piece=len(line))
    assert frame.terms.filter(frame.terms["kind"] == BLANK).height == 2
    assert len(frame) == 2


@pytest.mark.parametrize("piece", [10, nquads.PIECE])
@pytest.mark.parametrize(
    "data",
    [
        b'<http://e/a> <http://e/p> "x" .\n<http://e/a> <http://e/p> "y" .',
        b'<http://e/a> <http://e/p> "x" .\r\n<http://e/a> <http://e/p> "y" .\r\n',
        b'\xef\xbb\xbf<http://e/a> <http://e/p> "x" .\n<http://e/a> <http://e/p> "y" .\n',
    ],
    ids=["no line end at the end", "line ends of Windows", "byte order mark"],
)
def test_line_ends_and_marks_of_editors_are_read(data: bytes, piece: int) -> None:
    assert read(data, piece).lines().to_list() == [
        '<http://e/a> <http://e/p> "x" .\n',
        '<http://e/a> <http://e/p> "y" .\n',
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"# a comment",
        b'<http://e/a>  <http://e/p> "two spaces" .',
        b"<http://e/a>\t<http://e/p> <http://e/o> .",
        b"<http://e/a> <http://e/p> .",
        b'<http://e/a> "p" "x" .',
        b'"s" <http://e/p> "x" .',
        b"<http://e/a> _:p <http://e/o> .",
        b'<http://e/a> <http://e/p> "x" "g" .',
        b'<http://e/a> <http://e/p> "x" <relative> .',
        b'<http://e/a> <http://e/p> "caf\xe9" .',
        b'<http://e/\xe9> <http://e/p> "x" .',
        b'<http://e/a> <http://e/p> "\\uD800" .',
        b"<a> .",
        b" .",
    ],
)
def test_any_other_line_leaves_the_file_to_the_full_parser(line: bytes) -> None:
    good = b'<http://e/a> <http://e/p> "x" .\n'
    assert nquads.read(good * 3 + line + b"\n" + good, graphs=True) is None
    assert nquads.read(good * 3 + line + b"\n" + good, graphs=True, piece=len(good)) is None


def test_a_graph_name_in_n_triples_is_left_to_the_parser_that_refuses_it() -> None:
    data = b"<http://e/a> <http://e/p> <http://e/o> <http://e/g> .\n"
    assert nquads.read(data, graphs=False) is None
    with pytest.raises(InputError):
        parse(data, "nt")


def test_a_file_is_read_as_its_bytes_are_and_faults_name_their_line(tmp_path: Path) -> None:
    path = tmp_path / "x.nt"
    path.write_bytes(b'<http://e/a> <http://e/p> "x" .\n')
    assert parse(path, "nt").lines().to_list() == parse(path.read_bytes(), "nt").lines().to_list()
    path.write_bytes(b'<http://e/a> <http://e/p> "x" .\n<http://e/a> <http://e/p> "\xe9" .\n')
    with pytest.raises(InputError) as caught:
        parse(path, "nt")
    assert (caught.value.code, caught.value.place.row if caught.value.place else None) == ("encoding", 2)


def test_any_number_of_datatypes_and_languages_is_read() -> None:
    kinds = [f"^^<http://e/t{n}>" for n in range(150)] + [f"@x-l{n}" for n in range(150)]
    frame = read("".join(f'<http://e/a> <http://e/p> "v"{kind} .\n' for kind in kinds).encode())
    literals = frame.terms.filter(frame.terms["kind"] == LITERAL)
    assert set(literals["lexical"]) == {"v"}
    assert literals["datatype"].n_unique() == 151
    assert literals["language"].drop_nulls().to_list() == [f"x-l{n}" for n in range(150)]


def test_texts_do_not_keep_the_file_in_memory() -> None:
    line = '<http://e/{n}> <http://e/p> "%s" .\n' % ("long " * 40)
    data = "".join(line.format(n=n) for n in range(5000)).encode()
    frame = read(data)
    assert frame.terms["lexical"].estimated_size() < len(data) // 2


@given(st.lists(statements, min_size=1, max_size=6), st.integers(1, 40))
def test_a_stream_is_read_as_bytes_are(lines: list[str], piece: int) -> None:
    data = "".join(lines).encode()
    frame = nquads.read(BytesIO(data), graphs=True, piece=piece)
    assert frame is not None
    assert frame.equals(read(data))


def test_a_term_is_found_after_reading() -> None:
    frame = read(b'<http://e/a> <http://e/p> "x"@FR .\n')
    assert frame.code(Term.literal("x", language="fr")) is not None
