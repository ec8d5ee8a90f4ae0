"""N-Triples into an Oxigraph store on disk, by its bulk loader.

python oxigraph_load.py DATA.nt FOLDER
"""

from __future__ import annotations

import sys

from pyoxigraph import RdfFormat, Store

if __name__ == "__main__":
    store = Store(sys.argv[2])
    store.bulk_load(path=sys.argv[1], format=RdfFormat.N_TRIPLES)
    store.flush()
