"""Profiles: the ontologies, concept schemes, shapes and JSON-LD contexts that the consortium edits and releases.

The data lies in `ontologies/` and `shapes/`; this package reads it. Importing it is cheap: files are read on first use.
"""

from datahub.profiles.data import data_folder
from datahub.profiles.hierarchy import class_hierarchy
from datahub.profiles.namespaces import aliases, compact, contexts, expand, prefixes
from datahub.profiles.profile import Profile, profile, profiles, shapes_files, shapes_graph
from datahub.profiles.term import Term
from datahub.profiles.vocabulary import FORMATS, Module, Vocabulary, called, module_turtle, vocabulary

__all__ = [
    "FORMATS",
    "Module",
    "Profile",
    "Term",
    "Vocabulary",
    "aliases",
    "called",
    "class_hierarchy",
    "compact",
    "contexts",
    "data_folder",
    "expand",
    "module_turtle",
    "prefixes",
    "profile",
    "profiles",
    "shapes_files",
    "shapes_graph",
    "vocabulary",
]
