"""What the readers of reactions as text have in common: sides, sums, rates, and where they stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from research.chemistry.expressions import LIGHT, Values, check_names, inlined, names_in, parsed, without_factor
from research.chemistry.mechanism import AIR, MOLECULES_CM3, Mechanism
from research.virtual_airshed.chemistry.reactions import Reaction, change

_TERM = re.compile(r"^\s*(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)?\s*\*?\s*([A-Za-z_]\w*)\s*$")
_NOTHING = {"", "hv", "HV", "light", "products", "PROD", "DUMMY", "NULL"}

_M = 2.46e19
_ROOM = {
    "TEMP": 298.0,
    "T": 298.0,
    "M": _M,
    "N2": 0.78 * _M,
    "O2": 0.21 * _M,
    "H2O": 0.01 * _M,
    "PRESS": 101325.0,
    "P": 101325.0,
}
"""The air in which rate constants are tried: K, molecules in a cm3, Pa."""


@dataclass
class Draft:
    """A mechanism while it is read: definitions (name to tree), reactions, members of sums."""

    file: str
    definitions: dict[str, ast.Expression] = field(default_factory=dict)
    reactions: list[Reaction] = field(default_factory=list)
    sums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lines: list[tuple[int, str]] = field(default_factory=list)

    def define(self, name: str, text: str, line: int) -> None:
        """Take a definition in; what it uses must be defined before it, or be a sum."""
        tree = parsed(text, self.where(line))
        check_names(tree, {*self.definitions, *self.sums, "RO2"}, text, self.where(line))
        self.definitions[name] = inlined(tree, {k: v for k, v in self.definitions.items() if _of_sum(v)})

    def react(self, reactants: Mapping[str, float], products: Mapping[str, float], rate: str, line: int) -> None:
        """Take a reaction in, with its rate as text."""
        where = self.where(line, reactants, products)
        tree = parsed(rate, where)
        check_names(tree, {*self.definitions, *self.sums}, rate, where)
        tree = inlined(tree, {k: v for k, v in self.definitions.items() if _of_sum(v)})
        reactants, products = dict(reactants), dict(products)
        for total in self.sums:
            try:
                tree, count = without_factor(tree, total)
            except ValueError:
                raise ValueError(
                    f"{where}: rate is {rate.strip()!r}, expected {total} as a factor and nothing else"
                ) from None
            if count:
                reactants[total] = reactants.get(total, 0.0) + count
                products[total] = products.get(total, 0.0) + count
        told = {"type": "EXPRESSION", "text": ast.unparse(tree), "photolysis": self._light(tree)}
        self.reactions.append(Reaction(reactants, products, told))
        self.lines.append((line, rate.strip()))

    def _light(self, tree: ast.AST) -> list[str]:
        found: dict[str, None] = {}
        for name in names_in(tree):
            if name in self.definitions:
                found |= dict.fromkeys(self._light(self.definitions[name]))
            elif LIGHT.match(name):
                found[name] = None
        return list(found)

    def where(self, line: int, *sides: Mapping[str, float]) -> str:
        """Give the place in words, with the reaction where its sides are known."""
        return f"{self.file}, line {line}" + (f" ({reaction_words(*sides)})" if sides else "")

    def done(self, name: str, air: tuple[str, ...] = AIR) -> Mechanism:
        """Give the mechanism. Each sum gets the tendency of its members: it is exact and needs no step of its own."""
        if not self.reactions:
            raise ValueError(f"{self.file}: no reaction, expected some")
        reactions = [_summed(each, self.sums) for each in self.reactions]
        texts = {k: ast.unparse(v) for k, v in self.definitions.items() if not _of_sum(v)}
        self._require_rates(texts)
        species = {s for r in reactions for s in (*r.reactants, *r.products)}
        sums = {total: tuple(m for m in members if m in species) for total, members in self.sums.items()}
        sums = {total: members for total, members in sums.items() if members and members != (total,)}
        return Mechanism(name, tuple(reactions), MOLECULES_CM3, air, sums=sums, definitions=texts, source=self.file)

    def _require_rates(self, definitions: Mapping[str, str]) -> None:
        """Refuse a rate constant that is negative in the air of a room: it would make what it uses up."""
        light = {name: 1e-3 for each in self.reactions for name in each.rate["photolysis"]}
        values = Values({**_ROOM, **light}, definitions)
        for (line, rate), each in zip(self.lines, self.reactions, strict=True):
            try:
                found = values.of(each.rate["text"])
            except (ArithmeticError, KeyError):
                continue  # what has no value there may have one elsewhere
            if found < 0.0:
                raise ValueError(
                    f"{self.where(line)}: rate {rate!r} is negative ({found:.3g} at 298 K), expected 0 or more"
                )


def reaction_words(reactants: Mapping[str, float], products: Mapping[str, float]) -> str:
    """Write a reaction as people do: "NO + O3 = NO2"."""
    sides = (
        " + ".join(s if n == 1.0 else f"{n:g} {s}" for s, n in side.items()) or "nothing"
        for side in (reactants, products)
    )
    return " = ".join(sides)


def _of_sum(tree: ast.AST) -> bool:
    return "RO2" in names_in(tree)


def _summed(reaction: Reaction, sums: Mapping[str, tuple[str, ...]]) -> Reaction:
    products = dict(reaction.products)
    for total, members in sums.items():
        if net := change(reaction, dict.fromkeys(members, 1.0)):
            products[total] = products.get(total, 0.0) + net
    return Reaction(reaction.reactants, products, reaction.rate)


def side(text: str, where: str) -> dict[str, float]:
    """Read a side of a reaction: "NO + 2 NO2 + 0.3HCHO"; light and nothing count for nothing.

    Errors: ValueError that names place and term where one is no species.
    """
    amounts: dict[str, float] = {}
    for term in text.split("+"):
        if term.strip() in _NOTHING:
            continue
        found = _TERM.match(term)
        if not found:
            raise ValueError(f"{where}: {term.strip()!r} stands in a reaction, expected a number and a species")
        amounts[found[2]] = amounts.get(found[2], 0.0) + float(found[1] or 1.0)
    return amounts


def text_of(path: Path | str) -> tuple[str, str]:
    """Give text and name of a file; ValueError where it is no text."""
    path = Path(path)
    try:
        return path.read_text(encoding="utf-8-sig"), path.name
    except UnicodeDecodeError:
        return path.read_text(encoding="latin-1"), path.name


def statements(text: str, file: str, *, first: int = 1, end: str = ";") -> Iterable[tuple[int, str]]:
    """Give the statements of a text and the line in which each begins; first: the line of the file in which the text does.

    Errors: ValueError that names file and line of one without its end: the file was cut.
    """
    line, begin, parts = first, None, []
    for character in text:
        if character == end:
            if begin is not None:
                yield begin, "".join(parts).strip()
            begin, parts = None, []
        else:
            if begin is None and not character.isspace():
                begin = line
            if begin is not None:
                parts.append(character)
        line += character == "\n"
    if begin is not None:
        said = " ".join("".join(parts).split())[:60]
        raise ValueError(f"{file}, line {begin}: {said!r} has no {end} at its end, expected one behind each statement")
