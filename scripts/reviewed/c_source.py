# SPDX-License-Identifier: GPL-2.0
"""Definitions of a C file by name, without white space and comments.

No compiler: it knows how the kernel is written. What stands at the top level is cut into items,
each a directive of the preprocessor, or what ends with its semicolon or the brace of a
function's body.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

TOKEN = re.compile(
    r"""
    (?P<skip> [^\S\n]+ | \\\n | //(?:\\\n|[^\n])* | /\*.*?\*/ )
  | (?P<newline> \n )
  | (?P<token>
        (?:u8|[uUL])? (?: "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
      | [A-Za-z_]\w*
      | \.?\d(?:[eEpP][+-]|[\w.])*
      | \.\.\. | <<= | >>= | -> | \+\+ | -- | << | >> | <= | >= | == | != | && | \|\| | \#\#
      | [-+*/%&|^]=
      | .
    )
    """,
    re.VERBOSE | re.DOTALL,
)
# What begins an item that has the name of something, but does not define it.
MENTIONS = re.compile(r"EXPORT_\w+|MODULE_\w+|ALLOW_ERROR_INJECTION|BTF_\w+|NOKPROBE_SYMBOL")
# Macros whose first argument is what they define.
DEFINERS = re.compile(r"(?:DEFINE|DECLARE)_\w+|H?LIST_HEAD|HLIST_NULLS_HEAD")
OPENING, CLOSING = dict(zip("([{", ")]}", strict=True)), frozenset(")]}")


class Token(NamedTuple):
    text: str
    line: int


@dataclass
class Item:
    """What stands at the top level of a file."""

    tokens: list[Token] = field(default_factory=list)
    has_body: bool = False

    def defines(self, name: str) -> bool:
        """Is it `name()`, `struct name`, `#define name` or, for a variable, `name`?"""
        texts = [token.text for token in self.tokens]
        if name.startswith("#define "):
            return texts[:3] == ["#", "define", name.split()[1]]
        if not texts or texts[0] == "#":
            return False
        outside = list(_outside(texts))
        if name.endswith("()"):
            return self.has_body and [name[:-2], "("] in _pairs(outside)
        if " " in name:
            return name.split() in _pairs(outside) and _follows(outside, name.split()[1], "{")
        if self.has_body or MENTIONS.fullmatch(texts[0]):
            return False
        return _declares(texts, outside, name)


def definitions(source: str, name: str) -> list[Item]:
    """All that define it, where the configuration decides between them."""
    return [item for item in items(source) if item.defines(name)]


def digest(found: Iterable[Item]) -> str:
    """The same, however it is laid out and commented."""
    texts = [token.text for item in found for token in item.tokens]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def lines(found: Iterable[Item]) -> list[tuple[int, str]]:
    """The lines that are not empty, each with its number and as the tokens on it."""
    numbered: dict[int, list[str]] = {}
    for item in found:
        for token in item.tokens:
            if token.text != "\n":
                numbered.setdefault(token.line, []).append(token.text)
    return [(number, " ".join(texts)) for number, texts in numbered.items()]


def items(source: str) -> Iterator[Item]:
    """All of a file, in order."""
    item, depth = Item(), _Depth()
    tokens = _tokens(source)
    for token in tokens:
        if token.text == "#" and depth.line_begins:
            directive = [token, *_rest_of_line(tokens)]
            depth.conditional(directive)
            if item.tokens:
                item.tokens += [*directive, Token("\n", directive[-1].line)]
            else:
                yield Item(directive)
            continue
        if token.text == "\n":
            depth.line_begins = True
            continue
        depth.line_begins = False
        if depth.is_top and token.text == "{" and item.tokens:
            item.has_body = item.tokens[-1].text == ")" and not _is_assigned(item)
        depth.enter(token.text)
        item.tokens.append(token)
        if depth.is_top and (token.text == ";" or (token.text == "}" and item.has_body)):
            yield item
            item = Item()
    if item.tokens:
        yield item


class _Depth:
    """How many braces are open; each branch of a condition begins with as many."""

    def __init__(self) -> None:
        self.line_begins = True
        self._open: list[str] = []
        self._before: list[list[str]] = []

    @property
    def is_top(self) -> bool:
        return not self._open

    def enter(self, text: str) -> None:
        if text in OPENING:
            self._open.append(OPENING[text])
        elif text in CLOSING and self._open and self._open[-1] == text:
            self._open.pop()

    def conditional(self, directive: list[Token]) -> None:
        word = directive[1].text if len(directive) > 1 else ""
        if word in ("if", "ifdef", "ifndef"):
            self._before.append(self._open.copy())
        elif word in ("else", "elif", "elifdef", "elifndef") and self._before:
            self._open = self._before[-1].copy()
        elif word == "endif" and self._before:
            self._before.pop()


def _tokens(source: str) -> Iterator[Token]:
    """With the ends of lines, but for those that continue."""
    line = 1
    for match in TOKEN.finditer(source):
        if match.lastgroup != "skip":
            yield Token(match.group(), line)
        line += match.group().count("\n")


def _rest_of_line(tokens: Iterator[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.text == "\n":
            return
        yield token


def _outside(texts: list[str]) -> Iterator[str]:
    """What is in no brackets; of those only the opening ones."""
    depth = 0
    for text in texts:
        depth -= text in CLOSING
        if depth == 0 and text not in CLOSING:
            yield text
        depth += text in OPENING


def _pairs(texts: list[str]) -> list[list[str]]:
    return [list(pair) for pair in pairwise(texts)]


def _follows(texts: list[str], text: str, wanted: str) -> bool:
    return [text, wanted] in _pairs(texts)


def _is_assigned(item: Item) -> bool:
    return "=" in _outside([token.text for token in item.tokens])


def _declares(texts: list[str], outside: list[str], name: str) -> bool:
    """Is it a variable that is said to be there?"""
    if "(" in outside:
        at = texts.index("(")
        return bool(DEFINERS.fullmatch(texts[at - 1])) and texts[at + 1 : at + 2] == [name]
    declared = outside[: outside.index("=")] if "=" in outside else outside
    return "{" not in declared and name in declared[1:]
