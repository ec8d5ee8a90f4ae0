"""A process that answers one SPARQL query after another, and that its parent may kill at any moment.

It opens checkpoints of the store read-only, so it can neither change nor lock anything. A request is one line of JSON on standard
input; its answer one line of JSON (``media`` and ``size``, or ``error``) followed by ``size`` bytes on standard output.
"""

from __future__ import annotations

import ctypes
import json
import re
import resource
import signal
import sys
from typing import Any

import pyoxigraph as ox

from datahub.graph import results

GRACE = 5
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def main() -> None:
    """Serves until standard input ends. The first line of input is the memory that the process may take, in bytes."""
    memory = int(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _leave_the_network()
    path, store = None, None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        # Should the parent die, nobody else would stop the query.
        signal.alarm(int(request["seconds"]) + GRACE)
        try:
            if request["path"] != path or store is None:
                store, path = _open(request["path"]), request["path"]
            media, data = answer(store, request)
            head: dict[str, Any] = {"media": media, "size": len(data)}
        except SyntaxError as error:
            head, data = {"error": "syntax", "place": _place(str(error))}, b""
        except results.TooMuchError as error:
            head, data = {"error": error.args[0]}, b""
        except results.Unacceptable:
            head, data = {"error": "unacceptable"}, b""
        except MemoryError:
            head, data = {"error": "memory"}, b""
        except OSError:
            path, store = None, None
            head, data = {"error": "store"}, b""
        except (RuntimeError, ValueError):
            head, data = {"error": "evaluation"}, b""
        signal.alarm(0)
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + data)
        sys.stdout.buffer.flush()


def answer(store: ox.Store, request: dict[str, Any]) -> tuple[str, bytes]:
    """The media type and the bytes of the result of ``request``."""
    defaults: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = [
        ox.NamedNode(iri) for iri in request["default_graphs"]
    ] or None
    named: list[ox.NamedNode | ox.BlankNode] | None = [ox.NamedNode(iri) for iri in request["named_graphs"]] or None
    found = store.query(
        request["query"],
        use_default_graph_as_union=defaults is None,
        default_graph=defaults,
        named_graphs=named,
    )
    accept, name, rows, size = (request[key] for key in ("accept", "format", "rows", "bytes"))
    if isinstance(found, ox.QuerySolutions):
        media = results.choose(results.TABLES, accept, name)
        return media, results.table(found, media, rows, size)
    if isinstance(found, ox.QueryTriples):
        media = results.choose({media: short for media, (short, _) in results.GRAPHS.items()}, accept, name)
        return media, results.graph(found, media, rows, size, request["prefixes"])
    media = results.choose(results.TABLES, accept, name)
    return media, results.boolean(bool(found), media)


def _leave_the_network() -> None:
    """Goes where there is no network, should a query get past `datahub.graph.guard`. Not every system allows it; see unshare(2)."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None:
        unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _open(path: str) -> ox.Store:
    return ox.Store.read_only(path) if path else ox.Store()


def _place(message: str) -> list[int] | None:
    found = re.search(r"(\d+):(\d+)", message)
    return [int(found[1]), int(found[2])] if found else None


if __name__ == "__main__":
    main()
