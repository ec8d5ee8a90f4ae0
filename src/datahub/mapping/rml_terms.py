"""The properties of RML (core, IO, FNML, CC, LV) and R2RML by local name, to tell a slip of the pen from a term of their own."""

from __future__ import annotations

import difflib

KNOWN = frozenset({
    "logicalSource", "logicalTable", "logicalTarget", "logicalView", "subjectMap", "subject", "predicateObjectMap",
    "predicateMap", "predicate", "objectMap", "object", "graphMap", "graph", "class", "baseIRI", "constant", "reference",
    "column", "template", "termType", "datatype", "datatypeMap", "language", "languageMap", "parentTriplesMap",
    "joinCondition", "child", "parent", "childMap", "parentMap", "strategy", "inverseExpression", "allowEmptyStringTemplate",
    "source", "referenceFormulation", "iterator", "query", "sqlQuery", "sqlVersion", "tableName", "version", "null", "path",
    "root", "encoding", "compression", "target", "serialization", "mode", "ldes", "targetExpression", "namespace",
    "namespacePrefix", "namespaceURL", "functionExecution", "functionValue", "function", "functionMap", "input", "parameter",
    "parameterMap", "inputValue", "inputValueMap", "return", "returnMap", "condition", "gather", "gatherAs",
    "allowEmptyListAndContainer", "viewOn", "field", "fieldName", "declaredName", "declaredReference", "leftJoin", "innerJoin",
    "parentLogicalView", "structuralAnnotation", "onFields", "quotedTriplesMap", "reifiedTriplesMap",
})  # fmt: skip
_NEAR = 0.8


def meant(name: str) -> str | None:
    """The property that ``name`` was probably meant to be; None where it is one, or resembles none.

    >>> meant("refrence")
    'reference'
    """
    if name in KNOWN:
        return None
    return next(iter(difflib.get_close_matches(name, KNOWN, 1, _NEAR)), None)
