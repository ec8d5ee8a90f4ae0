"""N-Triples through pyoxigraph's parser, every statement a Python object.

python oxigraph_parse.py DATA.nt
"""

from __future__ import annotations

import sys

from pyoxigraph import RdfFormat, parse

if __name__ == "__main__":
    print(sum(1 for _ in parse(path=sys.argv[1], format=RdfFormat.N_TRIPLES)))
