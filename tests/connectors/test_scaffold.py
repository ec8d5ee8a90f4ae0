"""A new package begins with a sample: it works at once, and says what it guessed."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datahub.connectors import Connector, connector
from datahub.connectors.check import check, outcome, record
from datahub.connectors.scaffold import Scaffold, scaffold
from datahub.connectors.uses import uses
from datahub.errors import ConflictError, InputError, NotFoundError
from datahub.i18n import Lang
from datahub.profiles.namespaces import expand

TARIF = (
    "Tarif de printemps;;;;;;;;\n"
    ";;;;;;;;\n"
    "Réf.;Désignation;Famille;Producteur;Unité;Prix TTC;TVA;Stock;Bio\n"
    "LG001;Carottes de sable;Légumes;Ferme des Prés;kg;2,40 €;5,5 %;120;oui\n"
    "FR010;Pommes Reinette;Fruits;Les Vergers d'Aurore;kg;2,95 €;5,5 %;240;non\n"
    "BO001;Pain au levain;Boulangerie;Fournil d'Émile;pièce;5,20 €;5,5 %;;oui\n"
    "BS002;Bière blonde;Boissons;Brasserie du Pont;bouteille;1 004,80 €;20 %;90;oui\n"
)


def sample(folder: Path, text: str | bytes, name: str = "exemple.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def begun(
    folder: Path, path: Path, name: str = "mine", lang: Lang = "en", record_class: str | None = None
) -> tuple[Scaffold, Connector]:
    made = scaffold(name, path, folder / "new", lang=lang, record_class=record_class)
    return made, connector(str(made.folder))


def placed(made: Scaffold) -> dict[str, str]:
    return {guess.column.name: f"{g.node}.{g.predicate}" for guess in made.draft.guesses if (g := guess.slot)}


def triples(one: Connector) -> str:
    return outcome(one, one.samples[0]).triples


def test_a_price_list_of_a_cooperative_is_read_checked_and_written_back_without_loss(tmp_path: Path) -> None:
    made, one = begun(tmp_path, sample(tmp_path, TARIF.encode("cp1252")))
    assert made.draft.model.type == "dfc-b:SuppliedProduct"
    assert placed(made) == {
        "Réf.": "record.dct:identifier",
        "Désignation": "record.dfc-b:name",
        "Famille": "record.dfc-b:hasType",
        "Producteur": "producer.dfc-b:name",
        "Unité": "quantity.dfc-b:hasUnit",
        "Prix TTC": "price.dfc-b:value",
        "TVA": "price.dfc-b:VATrate",
        "Stock": "catalogItem.dfc-b:stockLimitation",
        "Bio": "record.dfc-b:hasCertification",
    }
    (result,) = check(one)
    assert result.passed, result.detail
    assert result.loss is not None
    assert result.loss.lost == 0
    assert result.outcome is not None
    assert result.outcome.lift.read == 4
    text = result.outcome.triples
    for value in ('"1004.80"', '"5.5"', '"Bière blonde"', expand("dfc-m:Kilogram"), expand("dfc-f:OrganicLabel")):
        assert value in text
    assert text.count(expand("dfc-f:OrganicLabel")) == 3


def test_every_guess_is_marked_in_the_language_of_its_author_and_what_is_left_is_named(tmp_path: Path) -> None:
    text = "id,name,price,teinte\n1,Soup,4.20,rouge\n2,Bread,3.10,\n"
    english, _ = begun(tmp_path, sample(tmp_path, text), "one")
    french, _ = begun(tmp_path, sample(tmp_path, text), "two", lang="fr")
    for made, mark, left in (
        (english, "# guess", "# Columns without a property"),
        (french, "# à vérifier", "# Colonnes sans propriété"),
    ):
        mapping = (made.folder / "mapping.ttl").read_text("utf-8")
        assert mapping.count(mark) >= 3
        assert left in mapping
        assert '"teinte": "rouge"' in mapping
        assert mark in (made.folder / "connector.yaml").read_text("utf-8")
        for guess in made.draft.guesses:
            assert guess.reason.en != guess.reason.fr


def test_a_place_with_both_coordinates_in_one_cell(tmp_path: Path) -> None:
    text = 'nom,gps,Code postal,Couleur\nHalle,"44.123, 5.234",26000,rouge\nGare,"44.223, 5.334",26100,\n'
    made, one = begun(tmp_path, sample(tmp_path, text))
    assert made.draft.model.sector == "mobility"
    found = triples(one)
    assert '<http://schema.org/latitude> "44.123"' in found
    assert '<http://schema.org/longitude> "5.234"' in found
    assert '<http://schema.org/postalCode> "26100"' in found
    (result,) = check(one)
    assert result.loss is not None
    assert result.loss.lost == 4, "the cell can't be put together again, and that is told"
    assert result.passed
    left = [use.column for use in uses(one, [result]) if not use.paths]
    assert left == ["Couleur"]


def test_a_spreadsheet_with_a_title_and_several_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Lisez-moi"])
    sheet = book.create_sheet("Gîtes")
    for row in (
        ["Offres 2026"],
        [],
        ["N°", "Titre", "Type", "Hôte", "Réseau", "Mail", "Ville", "Capacité", "Prix/nuit", "Animaux", "Statut", "Maj"],
        ["G1", "Le Serre", "séjour", "Ana", "Diois", "a@ex.fr", "Die", 4, 45.5, "oui", "actif", "2026-03-01"],
        ["G2", "Les Merles", "repas", "Bob", "Diois", "b@ex.fr", "Luc", 2, 38, "non", "actif", "2026-03-02"],
    ):
        sheet.append(row)
    book.save(tmp_path / "gites.xlsx")
    made, one = begun(tmp_path, tmp_path / "gites.xlsx")
    assert made.draft.model.type == "dhh:HospitalityOffer"
    assert placed(made)["Prix/nuit"] == "record.schema:price"
    found = triples(one)
    assert expand("dhu:night") in found, "the title of the column says what the price is per"
    assert '"EUR"' in found
    assert outcome(one, one.samples[0]).lift.read == 2
    assert "sheet: Gîtes" in (made.folder / "connector.yaml").read_text("utf-8")


PLACES = [
    {"ref": f"A{n}", "nom": f"Aire {n}", "insee": "26362", "lat": 45.1, "lon": 5.2, "places": 10 + n, "type": "Parking"}
    for n in range(3)
]


def _plain(place: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in place.items() if name not in ("lat", "lon")}


def test_json_in_an_envelope_geojson_and_json_lines(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [5.2 + n / 100, 45.123]},
            "properties": _plain(each),
        }
        for n, each in enumerate(PLACES)
    ]
    nested = [
        {"title": {"fr": "Lieu", "en": "Place"}, "position": {"lat": 45.1, "lng": 5.2}, "tags": ["a"], **_plain(each)}
        for each in PLACES
    ]
    forms = {
        "a.json": json.dumps(PLACES),
        "b.geojson": json.dumps({"type": "FeatureCollection", "features": features}),
        "c.jsonl": "\n".join(json.dumps(each) for each in PLACES),
        "d.json": json.dumps({"meta": {"page": 1}, "data": {"places": nested}}),
    }
    for name, text in forms.items():
        path = sample(tmp_path, text, name)
        made, one = begun(tmp_path, path, name.replace(".", "-"), record_class="dhm:MeetingPoint")
        (result,) = check(one)
        assert result.passed, (name, result.detail)
        assert result.outcome is not None
        assert result.outcome.lift.read == 3
        assert f'{expand("dhm:parkingSpaces")}> "12"' in result.outcome.triples
        if name[0] in "bd":
            assert '<http://schema.org/latitude> "45.1' in result.outcome.triples
        if name[0] in "ab":
            assert result.loss is not None
            assert result.loss.lost == 0
        assert made.keys.single in ("ref", "properties.ref")


def test_values_tell_where_a_column_belongs_when_its_name_does_not(tmp_path: Path) -> None:
    text = (
        "C1;C2;C3;C4;C5\n"
        "Ferme Un;73282932000074;a@ex.fr;04 75 22 01 11;https://un.example\n"
        "Ferme Deux;35600000000048;b@ex.fr;04 75 22 01 12;https://deux.example\n"
    )
    made, one = begun(tmp_path, sample(tmp_path, text), record_class="dfc-b:Enterprise")
    assert placed(made) == {
        "C1": "record.dfc-b:name",
        "C2": "record.dfc-b:enterpriseID",
        "C3": "record.dfc-b:email",
        "C4": "phone.dfc-b:phoneNumber",
        "C5": "record.dfc-b:websitePage",
    }
    assert check(one)[0].passed


def test_unknown_words_of_a_list_are_written_out_for_the_author(tmp_path: Path) -> None:
    text = "nom;famille;prix\nA;Légumes;1,00\nB;Fromages de garde;2,00\nC;Bric-à-brac;3,00\nD;Divers rayon;1,50\n"
    made, one = begun(tmp_path, sample(tmp_path, text))
    mapping = (made.folder / "mapping.ttl").read_text("utf-8")
    assert "fn:recode" in mapping
    assert '"Bric-à-brac" = ?' in mapping
    (result,) = check(one)
    assert result.outcome is not None
    assert result.outcome.lift.refused.is_empty(), "a word that is not in a list refuses no row"
    assert result.outcome.triples.count(expand("dhf:sourceCategory")) == 4, "the source's own words are kept"


def test_values_that_are_nearly_in_a_list_are_written_out_and_those_to_come_are_looked_up(tmp_path: Path) -> None:
    rows = "nom;famille\nA;Légumes\nB;Fruits\nC;Miel\nD;Crémerie fermière\n"
    made, one = begun(tmp_path, sample(tmp_path, rows))
    (result,) = check(one)
    assert result.passed, result.detail
    assert result.outcome is not None
    assert "warning value-not-in-code-list" not in result.outcome.counts["findings"]
    later = one.lift((rows + "E;Boissons\n").encode(), "https://hub.example/r/").frame
    assert "".join(later.lines()).count(expand("dfc-b:hasType")) == 5
    assert "Crémerie fermière=" in (made.folder / "mapping.ttl").read_text("utf-8")


def test_the_author_can_say_what_a_column_is_in_words_or_leave_it_out(tmp_path: Path) -> None:
    text = "nom;arrivage;memo;code x\nA;15/04/2026;note;X1\nB;02/05/2026;autre;X2\n"
    said = {"arrivage": "disponible le", "memo": "", "code x": "dfc-b:batchNumber"}
    made = scaffold("mine", sample(tmp_path, text), tmp_path, said=said)
    got = placed(made)
    assert got["arrivage"] == "catalogItem.dhf:availableOn"
    assert got["code x"] == "record.dfc-b:batchNumber"
    assert "memo" not in got
    mapping = (made.folder / "mapping.ttl").read_text("utf-8")
    assert '# "arrivage", as you say' in mapping
    one = connector(str(made.folder))
    assert '"2026-04-15"^^' in triples(one)
    assert check(one)[0].passed


@pytest.mark.parametrize(("column", "word"), [("absente", "nom"), ("nom", "vitesse du vent")])
def test_a_column_or_a_property_that_is_not_there_is_told(tmp_path: Path, column: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        scaffold("mine", sample(tmp_path, "nom;prix\nA;1,00\n"), tmp_path / "x", said={column: word})
    assert caught.value.fix is not None
    assert not (tmp_path / "x").exists()


def test_private_places_of_the_file_stay_private(tmp_path: Path) -> None:
    text = "name;latitude;longitude;private\nA;45.123;5.123;0\nB;45.223;5.223;1\n"
    _, one = begun(tmp_path, sample(tmp_path, text))
    found = triples(one)
    assert found.count(expand("dh:Private")) == found.count(expand("dh:Open")) == 1


def test_what_is_recorded_is_what_must_come_out(tmp_path: Path) -> None:
    made, one = begun(tmp_path, sample(tmp_path, TARIF))
    assert not check(one)[0].recorded
    record(one)
    one = connector(str(made.folder))
    assert check(one)[0].recorded
    assert check(one)[0].passed
    mapping = made.folder / "mapping.ttl"
    mapping.write_text(mapping.read_text("utf-8").replace("dfc-b:VATrate", "dfc-b:marginPercent"), "utf-8")
    assert not check(connector(str(made.folder)))[0].passed


def test_a_package_is_found_by_a_relative_path_or_its_bare_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scaffold("mine", sample(tmp_path, TARIF), Path("connectors"))
    assert connector("mine").name == connector("connectors/mine").name == connector("./connectors/mine").name
    monkeypatch.chdir(tmp_path / "connectors")
    assert connector("mine").folder == tmp_path / "connectors" / "mine"
    with pytest.raises(NotFoundError):
        connector("./other")


def test_a_package_is_never_overwritten(tmp_path: Path) -> None:
    path = sample(tmp_path, "id,nom\n1,A\n")
    scaffold("mine", path, tmp_path)
    with pytest.raises(ConflictError):
        scaffold("mine", path, tmp_path)


@pytest.mark.parametrize("name", ["../out", "Mine", "", "a b", "-a"])
def test_a_name_is_a_plain_word(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        scaffold(name, sample(tmp_path, "id,nom\n1,A\n"), tmp_path / "x")
    assert not (tmp_path / "x").exists()


UNUSABLE = {
    "nothing": b"",
    "blank": b" \n\n",
    "doubled names": b"a,a\n1,2\n",
    "no names": b"1,2\n3,4\n5,6\n",
    "only names": b"id,name\n",
    "nul": b"a,b\x00\n1,2\n",
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
    "cut json": b'[{"a": 1}, {"a": ',
    "deep json": b"[" * 5000 + b"]" * 5000,
    "json without objects": b"[1, 2, 3]",
    "zip": b"PK\x03\x04 and nothing more",
    "rdf": b"@prefix a: <http://a/> . a:b a a:c .",
}


@pytest.mark.parametrize("data", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_what_can_not_be_a_sample_is_told_and_leaves_nothing_behind(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        scaffold("mine", sample(tmp_path, data), tmp_path / "x")
    assert caught.value.message.en != caught.value.message.fr
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("said", [{"sector": "cooking"}, {"record_class": "dfc-b:Nothing"}])
def test_an_unknown_sector_or_class_is_told_with_those_there_are(tmp_path: Path, said: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        scaffold("mine", sample(tmp_path, "a,b\n1,x\n"), tmp_path / "x", **said)  # type: ignore[arg-type]
    assert caught.value.fix is not None
    assert not (tmp_path / "x").exists()


NAMES = st.sampled_from(
    [
        "nom",
        "Prix TTC (€)",
        "réf.",
        "lat",
        "lon",
        "Type",
        "unité",
        "date",
        "a|b",
        "x{y}",
        'q"uote',
        "back\\slash",
        "a b",
        "# c",
        "é",
    ]
)
CELLS = st.sampled_from(
    [
        "",
        "1",
        "2,50",
        "4.20 €",
        "oui",
        "non",
        "kg",
        "2026-01-02",
        "31/12/2026",
        "45.123",
        "a|b",
        "=1+1",
        "x{y}",
        'q"',
        "-",
        "Ferme",
    ]
) | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@st.composite
def tables(draw: st.DrawFn) -> str:
    names = draw(st.lists(NAMES | st.text("abcé-_ 'ü%", min_size=1, max_size=8), min_size=1, max_size=7, unique=True))
    rows = draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), min_size=1, max_size=6))
    out = io.StringIO()
    csv.writer(out, delimiter=draw(st.sampled_from(";,\t"))).writerows([names, *rows])
    return out.getvalue()


@settings(max_examples=25)
@given(tables())
def test_whatever_a_table_holds_its_draft_is_a_package_that_reads_it_or_the_error_is_told(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            made = scaffold("mine", sample(folder, text), folder / "x")
        except InputError:
            assert not (folder / "x" / "mine").exists()
            return
        (result,) = check(connector(str(made.folder)))
        assert result.outcome is not None, result.detail
        assert (result.loss is not None) == ("out" in connector(str(made.folder)).directions)
        losses = [
            fault.en for fault in result.faults if "written and read again" in fault.en or "loss report" in fault.en
        ]
        assert not losses
