"""What to do about a result, and why it matters, where the shapes do not say it themselves (dh:fix), in English and French."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datahub.i18n import Text
from datahub.rdf.terms import XSD
from datahub.shacl import model as m

Advice = Callable[[Any], Text]


def advice(constraint: m.Constraint) -> Text:
    """What to do about a violation of ``constraint``, and why."""
    return ADVICE[type(constraint)](constraint)


def _plain(en: str, fr: str) -> Advice:
    return lambda constraint: Text(en, fr)


def _datatype(constraint: m.Datatype) -> Text:
    numbers = Text(
        "Write the number alone, without unit or spaces: otherwise it can be neither compared nor counted with.",
        "Écrivez le nombre seul, sans unité ni espaces : sinon on ne peut ni le comparer ni calculer avec.",
    )
    times = Text(
        "Write it as year-month-day: otherwise it can be put in no order, and others may read another day.",
        "Écrivez-la sous la forme année-mois-jour : sinon on ne peut pas la classer, et d'autres liront un autre jour.",
    )
    known = {
        **dict.fromkeys((XSD + name for name in ("decimal", "integer", "double", "float")), numbers),
        **dict.fromkeys((XSD + name for name in ("date", "dateTime", "gYear")), times),
        XSD + "boolean": Text(
            "Write true or false: any other word is not understood by programs.",
            "Écrivez true ou false : un autre mot n'est pas compris par les programmes.",
        ),
        XSD + "anyURI": Text(
            "Give the whole address, with https://: otherwise nobody can follow it.",
            "Donnez l'adresse entière, avec https:// : sinon personne ne peut la suivre.",
        ),
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString": Text(
            "Say in which language the text is: otherwise it can't be shown to those who read that language.",
            "Dites dans quelle langue est le texte : sinon on ne peut pas le montrer à ceux qui lisent cette langue.",
        ),
    }
    return known.get(
        constraint.iri,
        Text(
            "Write the value in the expected form: otherwise programs can't read it.",
            "Écrivez la valeur sous la forme attendue : sinon les programmes ne peuvent pas la lire.",
        ),
    )


def _max_count(constraint: m.MaxCount) -> Text:
    if constraint.count == 0:
        return Text(
            "Remove the value: it has no place in this record.",
            "Retirez la valeur : elle n'a pas sa place dans cette fiche.",
        )
    return Text(
        "Keep the right ones and remove the others: nobody can tell which of them counts.",
        "Gardez les bonnes et retirez les autres : personne ne peut savoir laquelle compte.",
    )


_RANGE = _plain(
    "Check the figure: it is outside of what is possible here, often a slip or another unit.",
    "Vérifiez le chiffre : il sort de ce qui est possible ici, souvent une faute de frappe ou une autre unité.",
)
_SHAPES = _plain(
    "Correct what the rule names: other programs count on all of it.",
    "Corrigez ce que la règle nomme : les autres programmes comptent sur l'ensemble.",
)
_ORDER = _plain(
    "Check both values: one of them is wrong, or they were exchanged.",
    "Vérifiez les deux valeurs : l'une est fausse, ou elles ont été interverties.",
)

ADVICE: dict[type, Advice] = {
    m.Class: _plain(
        "Link to a record of that kind, and deliver that record too: a link to anything else leads nowhere useful.",
        "Renvoyez à une fiche de ce type, et livrez aussi cette fiche : un lien vers autre chose ne mène à rien d'utile.",
    ),
    m.Datatype: _datatype,
    m.NodeKind: _plain(
        "Give a link where a link is expected, and a text where a text is: programs treat them differently.",
        "Donnez un lien là où un lien est attendu, un texte là où c'est un texte : les programmes les traitent autrement.",
    ),
    m.MinCount: _plain(
        "Give the value: without it the record is incomplete for those who use it.",
        "Donnez la valeur : sans elle, la fiche est incomplète pour ceux qui s'en servent.",
    ),
    m.MaxCount: _max_count,
    m.MinExclusive: _RANGE,
    m.MinInclusive: _RANGE,
    m.MaxExclusive: _RANGE,
    m.MaxInclusive: _RANGE,
    m.MinLength: _plain(
        "Write it in full: so short a text tells the reader too little.",
        "Écrivez-le en entier : un texte si court n'en dit pas assez.",
    ),
    m.MaxLength: _plain(
        "Shorten it: lists and other formats would cut it off.",
        "Raccourcissez-le : les listes et d'autres formats le couperaient.",
    ),
    m.Pattern: _plain(
        "Write it in the expected form: otherwise it is not recognised elsewhere.",
        "Écrivez-le sous la forme attendue : sinon il n'est pas reconnu ailleurs.",
    ),
    m.LanguageIn: _plain(
        "Give the text in one of these languages, and say which: it is shown by language.",
        "Donnez le texte dans une de ces langues, et dites laquelle : il s'affiche selon la langue.",
    ),
    m.UniqueLang: _plain(
        "Keep one text for each language: nobody can tell which of them to show.",
        "Gardez un seul texte par langue : personne ne peut savoir lequel montrer.",
    ),
    m.Equals: _plain(
        "Give both the same values: they say the same thing.",
        "Donnez aux deux les mêmes valeurs : elles disent la même chose.",
    ),
    m.Disjoint: _plain(
        "Remove the value on one of both sides: it can't mean both.",
        "Retirez la valeur d'un des deux côtés : elle ne peut pas vouloir dire les deux.",
    ),
    m.LessThan: _ORDER,
    m.LessThanOrEquals: _ORDER,
    m.Not: _plain(
        "Change what makes the rule apply: the record says something that is excluded here.",
        "Changez ce qui rend la règle applicable : la fiche dit quelque chose qui est exclu ici.",
    ),
    m.And: _SHAPES,
    m.Or: _plain(
        "See to it that one of these points holds: which one is up to you.",
        "Faites en sorte qu'un de ces points soit rempli : lequel, c'est à vous de voir.",
    ),
    m.Xone: _plain(
        "Keep one of these points and no more: together they contradict each other.",
        "Gardez un seul de ces points : ensemble, ils se contredisent.",
    ),
    m.Node: _SHAPES,
    m.QualifiedMinCount: _plain(
        "Add the value that is missing: the others do not stand for it.",
        "Ajoutez la valeur qui manque : les autres ne la remplacent pas.",
    ),
    m.QualifiedMaxCount: _plain(
        "Keep the right ones and remove the others: nobody can tell which of them counts.",
        "Gardez les bonnes et retirez les autres : personne ne peut savoir laquelle compte.",
    ),
    m.Closed: _plain(
        "Remove it, or use a property that the profile knows: nobody else would read it.",
        "Retirez-la, ou prenez une propriété que le profil connaît : personne d'autre ne la lirait.",
    ),
    m.HasValue: _plain(
        "Add that value: the record is taken for something else without it.",
        "Ajoutez cette valeur : sans elle, la fiche est prise pour autre chose.",
    ),
    m.In: _plain(
        "Choose one of the list, as it is spelt there: other words are not understood elsewhere.",
        "Choisissez dans la liste, avec la même orthographe : d'autres mots ne sont pas compris ailleurs.",
    ),
    m.NotInFuture: _plain(
        "Check the date: what is said to have happened can't lie ahead.",
        "Vérifiez la date : ce qui est dit passé ne peut pas être à venir.",
    ),
    m.StartsWithValueOf: _plain(
        "Check both values: one of them belongs to another record, or has a slip.",
        "Vérifiez les deux valeurs : l'une vient d'une autre fiche, ou contient une faute.",
    ),
    m.Sparql: _plain(
        "Ask those who wrote the rule what it is about: it has no message of its own.",
        "Demandez à ceux qui ont écrit la règle ce qu'elle vise : elle n'a pas de message.",
    ),
    m.Custom: _plain(
        "See what the rule asks for under its name: it has no message of its own.",
        "Voyez sous son nom ce que la règle demande : elle n'a pas de message.",
    ),
}
