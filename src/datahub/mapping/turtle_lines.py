"""The lines on which the nodes of a Turtle document stand, which its triples do not tell.

Each node that a statement or a pair of brackets describes gets one more triple: `LINE` and a number. Only tokens have to be told
apart for that (Turtle section 6.5): what stands in IRIs, texts and comments is left alone, and no line break moves.
"""

from __future__ import annotations

import re

LINE = "urn:datahub:line"

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*)
    |(?P<newline>\n)
    |(?P<text>\"{3}(?:[^"\\]|\\.|\"{1,2}(?!\"))*\"{3}|'{3}(?:[^'\\]|\\.|'{1,2}(?!'))*'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<iri><[^<>"{}|^`\x00-\x20]*>)
    |(?P<mark>[\[\]();,.])
    |(?P<word>(?:\\.|[^\s\[\]();,<>"'\#\\.]|\.(?=[^\s\[\]();,<>"'\#]))+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def numbered(text: str) -> str:
    """``text`` with the line of each described node as a triple; unchanged in meaning otherwise."""
    out: list[str] = []
    line, depth = 1, 0
    subject = True  # whether the next token begins a statement
    directive = 0  # how many tokens of a directive are left; -1: up to its dot
    for token in _TOKEN.finditer(text):
        kind, piece = token.lastgroup, token[0]
        out.append(piece)
        if kind in ("skip", "newline"):
            line += kind == "newline"
            continue
        if directive:
            directive = 0 if piece == "." else directive - 1 if directive > 0 else directive
            continue
        if subject and kind == "word" and piece.lower() in ("@prefix", "@base", "prefix", "base"):
            directive = -1 if piece[0] == "@" else 2 if piece.lower() == "prefix" else 1
            continue
        if piece == "[" and kind == "mark":
            depth += 1
            out.append(f" <{LINE}> {line} ; ")
        elif piece in ("]", "(", ")") and kind == "mark":
            depth += {"]": -1, "(": 1, ")": -1}[piece]
        elif piece == "." and kind == "mark" and depth == 0:
            subject = True
            continue
        elif subject and kind in ("iri", "word"):
            out.append(f" <{LINE}> {line} ; ")
        if kind == "text":
            line += piece.count("\n")
        subject = False
    return "".join(out)
