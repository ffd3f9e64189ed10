"""Freeze Carbon Bond 5 from the example of MusicBox, whose rates of photolysis get the names of the shipped tables.

    python -m research.chemistry.make_carbon_bond FILE    # examples/carbon_bond_5/my_config.json of acom_music_box 3.4.0

What is left out and what is called otherwise stands in the file, under "__airshed".
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from research.chemistry.make_mechanisms import LICENCE, text_of
from research.chemistry.mechanism import SHIPPED

NAMES = {"FORM": "CH2O", "MEO2": "CH3O2", "PNA": "HO2NO2"}
"""Species that the other mechanisms call otherwise, so that budgets know them."""
LIGHT: Mapping[str, tuple[tuple[str, float], ...]] = {
    "NO2": (("jno2", 1.0),), "O3->O3P": (("jo3_b", 1.0),), "O3->O1D": (("jo3_a", 1.0),), "NO3->NO2": (("jno3_a", 1.0),),
    "NO3->NO": (("jno3_b", 1.0),), "HONO": (("J7", 1.0),), "H2O2": (("jh2o2", 1.0),),
    "PNA": (("jho2no2_a", 1.0), ("jho2no2_b", 1.0)), "HNO3": (("jhno3", 1.0),), "N2O5": (("jn2o5_a", 1.0), ("jn2o5_b", 1.0)),
    "NTR": (("J54", 1.0),), "ROOH": (("jch3ooh", 1.0),), "MEPX": (("jch3ooh", 1.0),), "FORM->HO2": (("jch2o_a", 1.0),),
    "FORM->CO": (("jch2o_b", 1.0),), "ALD2": (("jch3cho", 1.0),), "PAN": (("jpan", 1.0),), "PACD": (("jch3co3h", 1.0),),
    "ALDX": (("J14", 1.0),), "PANX": (("jpan", 1.0),), "OPEN": (("jch2o_a", 9.0),), "MGLY": (("jmgly", 1.0),),
    "ISPD": (("jmvk", 1.0),),
}  # fmt: skip
"""Which rates of the tables stand for those of the file, and times what."""
LEFT_OUT = ("EMISSION",)
CHLORINE = {"CL", "CL2", "CLO", "HOCL", "HCL", "FMCL"}
GROUPS = {
    "alkanes": ["ETHA", "PAR"], "alkenes": ["ETH", "OLE", "IOLE"], "aromatics": ["TOL", "XYL"],
    "ovoc": ["CH2O", "ALD2", "ALDX", "ETOH", "MEOH", "ISPD"], "isoprene": ["ISOP"], "terpenes": ["TERP"], "co": ["CO"],
}  # fmt: skip


def main(file: Path) -> None:
    """Write the mechanism."""
    data = file.read_bytes()
    told = json.loads(data)["mechanism"]
    kept, notes = [], [f"{theirs} is called {ours}" for theirs, ours in NAMES.items()]
    for entry in told["reactions"]:
        if why := _why_left_out(entry):
            notes.append(f"left out, {why}: {entry['type']} {entry.get('name') or _words(entry)}")
            continue
        kept += list(_ours(entry))
    notes += [
        f"light: {theirs} is {' + '.join(f'{factor:g} {name}' if factor != 1.0 else name for name, factor in ours)}"
        for theirs, ours in LIGHT.items()
    ]
    notes.append(
        "light of ISPD was 0.0036 times that of acrolein at a yield of 1, which no table has: that of MVK stands in its place"
    )
    head = {
        "source": f"{told['name']}: examples/carbon_bond_5/my_config.json of MusicBox 3.4.0 "
        f"(https://github.com/NCAR/music-box), SHA-256 {hashlib.sha256(data).hexdigest()}. {LICENCE}",
        "groups": GROUPS,
        "notes": notes,
    }
    (SHIPPED / "cb5.json").write_text(text_of(told["version"], told["name"], head, kept), encoding="utf-8")


def _why_left_out(entry: Mapping[str, Any]) -> str:
    species = {_name(x) for side in ("reactants", "products") for x in entry.get(side, ())}
    if entry["type"] in LEFT_OUT:
        return "emission"
    if species & CHLORINE:
        return "chlorine"
    return "of the stratosphere" if entry["type"] == "PHOTOLYSIS" and entry["name"] == "O2" else ""


def _ours(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    sides = {
        side: [
            {"name": NAMES.get(_name(x), _name(x)), "coefficient": x.get("coefficient", 1.0)}
            for x in entry[side]
            if not _name(x).startswith("irr__")
        ]
        for side in ("reactants", "products")
    }
    rest = {k: v for k, v in entry.items() if not k.startswith("__")} | sides
    if entry["type"] != "PHOTOLYSIS":
        yield rest
        return
    for name, factor in LIGHT[entry["name"]]:
        yield rest | {"name": name, "scaling factor": factor}


def _name(entry: Mapping[str, Any]) -> str:
    return entry["name"] if "name" in entry else entry["species name"]


def _words(entry: Mapping[str, Any]) -> str:
    return " + ".join(_name(x) for x in entry["reactants"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
