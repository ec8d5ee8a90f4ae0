"""Lists of objects in the records of JSON or XML: which of them are nodes of their own, one for each object of the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from datahub.connectors.authoring.guess import Guess
from datahub.connectors.authoring.models import RECORD, Model, Node
from datahub.connectors.authoring.sample import Sample
from datahub.i18n import Text
from datahub.profiles.namespaces import expand
from datahub.profiles.vocabulary import vocabulary


@dataclass(frozen=True)
class Parts:
    """``homes``: node → the path of the list whose objects it stands for. ``unread``: lists of which nothing is known, by path."""

    homes: Mapping[str, str]
    unread: Mapping[str, str]

    def inside(self, node: str, column: str, sample: Sample) -> str:
        """``column`` of ``sample`` as it is called from an object of the list of ``node``."""
        home = self.homes.get(node)
        return column.removeprefix(sample.item(home)).removeprefix(".") if home else column

    def scattered(self, model: Model) -> tuple[str, ...]:
        """The lists whose objects can't be put back into one record: several records may share them, or each makes several nodes
        that nothing links."""
        tops: dict[str, list[Node]] = {}
        for node in model.nodes:
            home = self.homes.get(node.name)
            if home is not None and self.homes.get(node.of) != home:
                tops.setdefault(home, []).append(node)
        return tuple(home for home, nodes in tops.items() if len(nodes) > 1 or nodes[0].slug)

    def notes(self, model: Model, lists: Mapping[str, str]) -> list[Text]:
        """What becomes of the lists, for people; ``lists``: what they are called, by path."""
        told = []
        for path in dict.fromkeys(self.homes.values()):
            classes = [expand(node.type) for node in model.nodes if self.homes.get(node.name) == path]
            en, fr = (", ".join(vocabulary().label(each, lang).lower() for each in classes) for lang in ("en", "fr"))
            told.append(
                Text(
                    f"Each item of the list “{lists[path]}” becomes something of its own: {en}.",
                    f"Chaque élément de la liste « {lists[path]} » devient quelque chose à part : {fr}.",
                )
            )
        if self.unread:
            names = ", ".join(self.unread.values())
            told.append(
                Text(
                    f"Lists of objects of which no property is known: {names}.",
                    f"Listes d'objets dont aucune propriété n'est connue : {names}.",
                )
            )
        return told


def parts(model: Model, guesses: Sequence[Guess], sample: Sample) -> tuple[tuple[Guess, ...], Parts]:
    """The lists that the nodes of ``model`` stand for, and the guesses without those that can't be read from there."""
    homes: dict[str, str] = {}
    above = {node.name: node.of for node in model.nodes}
    for name in above:
        own = [sample.within(guess.column.name) for guess in guesses if guess.slot and guess.slot.node == name]
        if own and all(own):
            homes[name] = _common(own)
    plain = {guess.slot.node for guess in guesses if guess.slot} - set(homes)
    for name in list(homes):
        _settle(name, homes, above, plain)
    kept = tuple(guess if _readable(guess, homes, sample) else _dropped(guess) for guess in guesses)
    read = {path for guess in kept if guess.slot for path in sample.within(guess.column.name)}
    outer = {path: title for path, title in sample.lists.items() if not sample.within(path)}
    return kept, Parts(homes, {path: title for path, title in outer.items() if path not in read})


def _common(chains: Sequence[tuple[str, ...]]) -> str:
    """The innermost list that most of ``chains`` share."""
    outermost = Counter(chain[0] for chain in chains).most_common(1)[0][0]
    same = [chain for chain in chains if chain[0] == outermost]
    depth = min(len(chain) for chain in same)
    while len({chain[:depth] for chain in same}) > 1:
        depth -= 1
    return same[0][depth - 1]


def _settle(name: str, homes: dict[str, str], above: Mapping[str, str], plain: set[str]) -> None:
    """Nodes above ``name`` that nothing else fills belong to the same list; a node below one of a list belongs to that list."""
    home = homes.get(name)
    if home is None:
        return
    upper = above[name]
    if upper == RECORD:
        return
    if upper in plain:
        return
    if upper not in homes:
        homes[upper] = home
        _settle(upper, homes, above, plain)
    homes[name] = homes[upper]


def _readable(guess: Guess, homes: Mapping[str, str], sample: Sample) -> bool:
    home = homes.get(guess.slot.node) if guess.slot else None
    return home is None or home in sample.within(guess.column.name)


def _dropped(guess: Guess) -> Guess:
    why = Text("in another list than the rest of its kind", "dans une autre liste que le reste de son genre")
    return replace(guess, slot=None, match=None, score=0.0, reason=why)
