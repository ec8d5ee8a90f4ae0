"""Raw data of the shape that the KROWN benchmark measures: each row a subject, each cell a value."""

from __future__ import annotations

from pathlib import Path


def write(folder: Path, rows: int, columns: int) -> Path:
    """Writes ``data.csv`` and the RML mapping ``mapping.ttl`` to ``folder``; the path of the mapping."""
    folder.mkdir(exist_ok=True)
    names = [f"p{number}" for number in range(1, columns + 1)]
    with (folder / "data.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(["id", *names]) + "\n")
        for row in range(1, rows + 1):
            file.write(f"{row}," + ",".join(f"{name}_{row}" for name in names) + "\n")
    maps = " ;\n".join(
        f'    rr:predicateObjectMap [ rr:predicate ex:{name} ; rr:objectMap [ rml:reference "{name}" ] ]'
        for name in names
    )
    mapping = folder / "mapping.ttl"
    mapping.write_text(
        "@base <http://krown.example/maps/> .\n@prefix rr: <http://www.w3.org/ns/r2rml#> .\n"
        "@prefix rml: <http://semweb.mmlab.be/ns/rml#> .\n@prefix ql: <http://semweb.mmlab.be/ns/ql#> .\n"
        "@prefix ex: <http://krown.example/> .\n\n<#rows> a rr:TriplesMap ;\n"
        '    rml:logicalSource [ rml:source "data.csv" ; rml:referenceFormulation ql:CSV ] ;\n'
        f'    rr:subjectMap [ rr:template "http://krown.example/row/{{id}}" ] ;\n{maps} .\n',
        "utf-8",
    )
    return mapping
