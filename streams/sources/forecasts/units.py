"""What the unit of a variable means: a kind of quantity and the way to SI, for any product that UDUNITS can write.

A unit is read as a product of names with powers ("nmol mol-1", "ug.m^-3", "µg/m³", "kg kg**-1", "mol mol-1 dry"), by a
grammar of our own that is bounded; what a name stands for is asked of pint with the registry of cf_xarray. What stands over
and under the line is kept apart, so that kg kg-1 and mol mol-1 remain two kinds.

Sources: UDUNITS-2 (grammar, names), CF-1.11 chapter 3.1, SI Brochure 9.
"""

from __future__ import annotations

import logging
import re
import unicodedata
import warnings
from collections import Counter, deque
from dataclasses import dataclass
from functools import lru_cache

MOST_CHARACTERS = 60
"""A longer text is no unit."""
MOST_FACTORS = 12
MOST_NESTED = 2

SPELLINGS = {
    "ppm": "1e-6 part", "ppmv": "1e-6 part", "ppb": "1e-9 part", "ppbv": "1e-9 part", "ppt": "1e-12 part",
    "pptv": "1e-12 part", "pa": "Pa", "hpa": "hPa", "kpa": "kPa", "mb": "mbar", "mbar": "mbar", "c": "degC", "degc": "degC",
    "hrs": "hour", "secs": "second", "mins": "minute", "pct": "percent", "%": "percent", "fraction": "1", "unitless": "1",
    "dimensionless": "1", "degs": "degree", "degrees_true": "degree", "degree_true": "degree", "deg_true": "degree",
    "mcg": "microgram", "k": "kelvin",
}  # fmt: skip
"""Names without regard to case that UDUNITS does not have, or has for something that no forecast holds; a part is a share of
the number of molecules, unless a standard name says that it is one of mass."""
QUALIFIERS = re.compile(
    r"(?<=\S)[ _-]*\(?\b(dry[ _-]?air|dry|true|of (?:liquid )?water(?: equivalent)?)\b\)?", re.IGNORECASE
)
"""Words that may stand beside a unit and change nothing of it: mol mol-1 of dry air, degrees true, m of water."""
SIGNS = {
    "μ": "u", "−": "-", "–": "-", "·": ".", "⋅": ".", "∙": ".", "×": ".", "∗": "*", "⁄": "/", "∕": "/", "°": "deg",
    "微克": "ug", "毫克": "mg", "立方米": "m3", "每": "/",
}  # fmt: skip
"""Signs and words, after Unicode's compatible forms (NFKC: m³ is m3, µ is μ, ℃ is °C), as UDUNITS writes them."""
PARTS_IN_WORDS = re.compile(r"\bparts[ _-]per[ _-](m|b|tr)illion\b", re.IGNORECASE)
BY_VOLUME = re.compile(r"(?<=pp[mbt])[ _-]*(?:\(v/v\)|(?:v/v|by[ _]vol(?:ume)?|vol(?:ume)?|v)\b)", re.IGNORECASE)
"""What says that parts are of the volume (of an ideal gas: of the molecules): CHIMERE writes "ppb vol"."""
DEGREES = re.compile(r"\bdeg(?:ree)?s?[ _]?(c|celsius|k|kelvin)\b", re.IGNORECASE)

KINDS = {
    (): "number",
    (("part", 1),): "part",
    (("length", -3), ("mass", 1)): "mass per volume",
    (("length", -3), ("substance", 1)): "amount per volume",
    (("length", 1), ("time", -1)): "speed",
    (("length", 1),): "length",
    (("length", -2), ("mass", 1)): "mass per area",
    (("length", -2), ("mass", 1), ("time", -1)): "mass per area and time",
    (("length", -1), ("mass", 1), ("time", -2)): "pressure",
    (("temperature", 1),): "temperature",
    (("angle", 1),): "angle",
}
"""Powers of the dimensions, in the order of their names, to the kind of quantity that we understand."""
FRACTIONS = {"mass": "mass fraction", "substance": "mole fraction", "length3": "mole fraction"}
"""The same over and under the line: kg kg-1, mol mol-1, and m3 m-3, which for an ideal gas is mol mol-1."""

_FACTOR = re.compile(
    r"\s*(?:(?P<op>[/.*()])|(?P<number>\d{1,12}(?:\.\d{0,12})?(?:[eE][+-]?\d{1,2})?)(?:(?:\^|\*\*)(?P<root>[+-]?\d{1,2}))?"
    r"|(?P<name>[A-Za-z_%]{1,32})(?:(?:\^|\*\*)?(?P<power>[+-]?\d)(?!\d))?)"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A kind of KINDS or FRACTIONS, and the way to SI (kg, m, s, K, mol, rad): value x factor + offset."""

    kind: str
    factor: float
    offset: float = 0.0


@lru_cache(maxsize=512)
def unit_of(text: str) -> Unit | None:
    """Read a unit; None where it is not understood, or of a kind that nothing here has."""
    plain = plainly(text)
    if not plain or len(plain) > MOST_CHARACTERS:
        return None
    tokens = _tokens(plain)
    if tokens is None:
        return None
    try:
        product = _product(tokens, loud=plain == plain.upper(), depth=0)
    except (OverflowError, ZeroDivisionError):
        return None
    return None if product is None or tokens else product.unit()


def plainly(text: str) -> str:
    """Write a unit in plain letters: Unicode's signs and powers as UDUNITS has them, without words that change nothing."""
    plain = unicodedata.normalize("NFKC", text[: 4 * MOST_CHARACTERS]).strip("\0 \t\r\n")
    for sign, meant in SIGNS.items():
        plain = plain.replace(sign, meant)
    plain = PARTS_IN_WORDS.sub(lambda found: "pp" + found[1][0].lower(), plain)
    plain = "m3 m-3" if plain.lower() == "v/v" else BY_VOLUME.sub("v", plain)
    plain = DEGREES.sub(lambda found: "degC" if found[1].lower().startswith("c") else "K", plain)
    return " ".join(QUALIFIERS.sub("", plain).split())


class _Product:
    """A product on its way: what stands over and under the line, by dimension, the factor and the offset."""

    def __init__(self) -> None:
        self.factor, self.offset, self.count = 1.0, 0.0, 0
        self.over: Counter[str] = Counter()
        self.under: Counter[str] = Counter()

    def take(self, other: _Product, power: int) -> None:
        self.factor *= other.factor**power
        self.offset += other.offset
        self.count += other.count
        for dimensions, sign in ((other.over, power), (other.under, -power)):
            for name, exponent in dimensions.items():
                (self.over if sign > 0 else self.under)[name] += exponent * abs(sign)

    def unit(self) -> Unit | None:
        if self.offset and (self.count > 1 or self.under):
            return None
        same = +self.over == +self.under and len(+self.over) == 1
        if same:
            ((name, power),) = (+self.over).items()
            kind = FRACTIONS.get(name if power == 1 else f"{name}{power}", "number")
        else:
            net = Counter(self.over)
            net.subtract(self.under)
            kind = KINDS.get(tuple(sorted((n, p) for n, p in net.items() if p)), "")
        return Unit(kind, self.factor, self.offset) if kind and 0 < self.factor < float("inf") else None


def _tokens(plain: str) -> deque[re.Match] | None:
    found, at = deque(), 0
    while at < len(plain):
        match = _FACTOR.match(plain, at)
        if match is None or match.end() == at:
            return None
        found.append(match)
        at = match.end()
    return found if len(found) <= 3 * MOST_FACTORS else None


def _product(tokens: deque[re.Match], *, loud: bool, depth: int) -> _Product | None:
    """Read a product up to its end or a closing bracket; a line divides by the one factor that follows it."""
    product, sign, expected = _Product(), 1, True
    while tokens:
        token = tokens[0]
        if token["op"] == ")":
            break
        tokens.popleft()
        if token["op"] in ("/", ".", "*") or (token["name"] or "").lower() == "per":
            if expected:
                return None
            sign, expected = (1 if token["op"] in (".", "*") else -1), True
            continue
        factor = _bracket(tokens, loud=loud, depth=depth) if token["op"] == "(" else _single(token, loud=loud)
        if factor is None:
            return None
        product.take(factor, sign)
        sign, expected = 1, False
    return None if expected else product


def _bracket(tokens: deque[re.Match], *, loud: bool, depth: int) -> _Product | None:
    if depth >= MOST_NESTED:
        return None
    inner = _product(tokens, loud=loud, depth=depth + 1)
    return inner if inner is not None and tokens and tokens.popleft()["op"] == ")" else None


def _single(token: re.Match, *, loud: bool) -> _Product | None:
    single, product = _Product(), _Product()
    if token["number"]:
        single.factor, power = float(token["number"]), int(token["root"] or 1)
        if not single.factor:
            return None
    else:
        meaning, power = _meaning(token["name"], loud=loud), int(token["power"] or 1)
        if meaning is None:
            return None
        single.factor, single.offset, dimensions = meaning
        single.count = 1
        for name, exponent in dimensions:
            (single.over if exponent > 0 else single.under)[name] += abs(exponent)
    product.take(single, power)
    return product


def _meaning(name: str, *, loud: bool) -> tuple[float, float, tuple[tuple[str, int], ...]] | None:
    """Give factor, offset and dimensions of a name; the I/O API writes units in capitals ("M/S"), so case may not count."""
    spelt = SPELLINGS.get(name.lower())
    if spelt == "1":
        return 1.0, 0.0, ()
    if spelt and spelt.endswith(" part"):
        return float(spelt.split()[0]), 0.0, (("part", 1),)
    if spelt:
        return _asked(spelt)
    first, second = (name.lower(), name) if loud else (name, name.lower())
    return _asked(first) or _asked(second)


@lru_cache(maxsize=1)
def _registry():
    """Load pint's units with the first forecast that is read, for it is slow; what it says of its own names is not passed on."""
    logger = logging.getLogger("pint")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from cf_xarray.units import units
    finally:
        logger.setLevel(level)
    return units


@lru_cache(maxsize=512)
def _asked(name: str) -> tuple[float, float, tuple[tuple[str, int], ...]] | None:
    """Ask pint for a single name of letters; None for one that it does not know."""
    units = _registry()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            zero, one, two = (units.Quantity(value, units.Unit(name)).to_base_units() for value in (0.0, 1.0, 2.0))
            offset, factor = float(zero.magnitude), float(one.magnitude) - float(zero.magnitude)
            dimensions = {key.strip("[]"): int(power) for key, power in one.dimensionality.items()}
        except Exception:  # pint raises what its evaluator does
            return None
    if abs(float(two.magnitude) - float(one.magnitude) - factor) > 1e-9 * abs(factor) or not factor > 0:
        return None
    if not dimensions and "radian" in str(one.units):
        dimensions = {"angle": 1}
    return factor, offset, tuple(sorted(dimensions.items()))
