"""Mechanisms of MUSICA's mechanism configuration, version 1, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from research.chemistry.mechanism import AIR, MOL_M3, Mechanism
from research.chemistry.readers.lines import reaction_words
from research.virtual_airshed.chemistry.reactions import Reaction

LEFT_OUT = ("SURFACE",)
"""Kinds that are not gas chemistry and are left out: uptake on particles."""
_PARAMETERS: Mapping[str, Mapping[str, float | None]] = {
    "ARRHENIUS": {"A": 1.0, "B": 0.0, "C": 0.0, "D": 300.0, "E": 0.0},
    "TROE": {
        "k0_A": 1.0, "k0_B": 0.0, "k0_C": 0.0, "kinf_A": 1.0, "kinf_B": 0.0, "kinf_C": 0.0, "Fc": 0.6, "N": 1.0,
    },
    "TERNARY_CHEMICAL_ACTIVATION_JPL19": {
        "k0_A": None, "k0_B": 0.0, "k0_C": 0.0, "k0_D": 298.0, "kinf_A": None, "kinf_B": 0.0, "kinf_C": 0.0, "kinf_D": 298.0,
        "kint_A": None, "kint_B": 0.0, "kint_C": 0.0, "kint_D": 298.0, "Fc": 0.6, "N": 1.0,
    },
    "PHOTOLYSIS": {"scaling factor": 1.0},
    "USER_DEFINED": {"scaling factor": 1.0},
    "FIRST_ORDER_LOSS": {"scaling factor": 1.0},
    "EMISSION": {"scaling factor": 1.0},
}  # fmt: skip
"""Parameters of each kind that is understood, with the value where the file has none; None: it must be there."""
_SIZES = ("A", "k0_A", "kinf_A", "kint_A", "scaling factor")
"""Parameters that a rate is proportional to."""
_NAMED = ("PHOTOLYSIS", "USER_DEFINED", "FIRST_ORDER_LOSS", "EMISSION")


def read_musica(path: Path | str, *, air: tuple[str, ...] = AIR) -> Mechanism:
    """Read a mechanism of MUSICA (version 1).

    path: the JSON file. air: species whose amounts belong to the rate constants. Returns the gas phase; uptake on
    particles is left out, and so is what a scaling factor of 0 makes a placeholder.
    Errors: ValueError that names file and line for text that is no JSON, a kind of reaction that is not understood, a
    parameter that is missing or unknown.
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name}, line {error.lineno}: no JSON ({error.msg})") from error
    if not isinstance(told, dict) or not isinstance(told.get("reactions"), list):
        raise ValueError(f'{path.name}, line 1: no list "reactions", expected a mechanism of MUSICA, version 1')
    lines = _Lines(text, path.name)
    reactions = []
    for entry in told["reactions"]:
        if entry.get("type") in LEFT_OUT or entry.get("scaling factor") == 0.0:
            continue
        reactions.append(_reaction(entry, lines))
    name = told.get("name", path.stem)
    return Mechanism(name, tuple(reactions), MOL_M3, air, source=f"{path.name}: {name}")


class _Lines:
    """Finds the line of an entry again, which a JSON reader does not tell."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file

    def where(self, key: str, value: Any) -> str:
        pattern = rf"{re.escape(json.dumps(key))}\s*:\s*{re.escape(json.dumps(value))}"
        found = re.search(pattern, self.text)
        return f"{self.file}, line {self.text.count(chr(10), 0, found.start()) + 1}" if found else self.file


def _reaction(entry: Mapping[str, Any], lines: _Lines) -> Reaction:
    kind = entry.get("type")
    sides = _side(entry.get("reactants", entry.get("gas-phase reactants", ()))), _side(entry.get("products", ()))
    if kind not in _PARAMETERS:
        known, where = ", ".join((*_PARAMETERS, *LEFT_OUT)), f"{lines.where('type', kind)} ({reaction_words(*sides)})"
        raise ValueError(f"{where}: kind of reaction is {kind!r}, expected one of {known}")
    rate: dict[str, Any] = {"type": kind}
    for key, default in _PARAMETERS[kind].items():
        if entry.get(key, default) is None:
            raise ValueError(f"{lines.where('type', kind)}: {kind} without {key}, expected a number")
        rate[key] = float(entry.get(key, default))
        if key in _SIZES and rate[key] < 0.0:
            raise ValueError(f"{lines.where(key, entry[key])}: {key} of {kind} is {rate[key]:g}, expected 0 or more")
    if "Ea" in entry:
        rate["C"] = -float(entry["Ea"]) / _BOLTZMANN_J_PER_K
    if kind in _NAMED:
        if not entry.get("name"):
            raise ValueError(f"{lines.where('type', kind)}: {kind} without a name, expected the name of its rate")
        rate["name"] = entry["name"]
    return Reaction(*sides, rate)


_BOLTZMANN_J_PER_K = 1.380649e-23


def _side(entries) -> dict[str, float]:
    amounts: dict[str, float] = {}
    for entry in entries:
        name = entry["name"] if "name" in entry else entry["species name"]
        amounts[name] = amounts.get(name, 0.0) + float(entry.get("coefficient", 1.0))
    return amounts
