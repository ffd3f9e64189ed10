"""Freeze the mechanisms that are shipped, from the configurations of MUSICA.

    python -m research.chemistry.make_mechanisms FOLDER    # the folder `configs` of the package musica

What is left out and what is mended stands in each file, under "__airshed".
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from research.chemistry.mechanism import SHIPPED
from research.virtual_airshed.chemistry.held import mended
from research.virtual_airshed.chemistry.reactions import Reaction

FILES = {"t1s2": ("v1", "ts1", "t1s2.json"), "ts1": ("v1", "ts1", "ts1.json")}
GROUPS = {
    "alkanes": ["C2H6", "C3H8", "BIGALK", "C2H2"],
    "alkenes": ["C2H4", "C3H6", "BIGENE"],
    "aromatics": ["BENZENE", "TOLUENE", "XYLENES"],
    "ovoc": [
        "CH2O", "CH3CHO", "CH3COCH3", "MEK", "CH3OH", "C2H5OH", "GLYALD", "GLYOXAL", "CH3COCHO", "HCOOH", "CH3COOH", "HYAC",
        "MACR", "MVK",
    ],
    "isoprene": ["ISOP"],
    "terpenes": ["MTERP", "BCARY", "MBO"],
    "co": ["CO"],
}  # fmt: skip
"""Compounds by kind, as the ozone surface groups them (acetylene with the alkanes), terpenes apart."""
LICENCE = "Apache-2.0, Copyright the MUSICA authors (NSF National Center for Atmospheric Research)"


def main(folder: Path) -> None:
    """Write both files."""
    for name, parts in FILES.items():
        data = folder.joinpath(*parts).read_bytes()
        (SHIPPED / f"{name}.json").write_text(_frozen(json.loads(data), data, "/".join(parts)), encoding="utf-8")


def _frozen(told: dict, data: bytes, file: str) -> str:
    kept, notes = [], []
    for entry in told["reactions"]:
        if entry["type"] == "USER_DEFINED" and entry["name"] == "usr_CO_OH":
            entry = _CO_OH | {k: entry[k] for k in ("reactants", "products", "gas phase")}
            notes.append(
                "usr_CO_OH: no rate in the file; that of t1s2.json (JPL 19-5, table 2-2, row K3) stands in its place"
            )
        if entry["type"] in ("SURFACE", "USER_DEFINED"):
            notes.append(f"left out: {entry['type']} {entry['name']}")
            continue
        put_right = mended(Reaction({}, {}, entry)).rate
        if put_right != entry:
            notes.append(f"mended: the exponent {entry['N']:g} stood in the place of N: {_words(entry)}")
        kept.append({k: v for k, v in put_right.items() if not k.startswith("__")})
    present = {s["name"] for s in told["species"]}
    head = {
        "source": f"{told['name']}: {file} of MUSICA 0.17.2 (https://github.com/NCAR/musica), SHA-256 "
        f"{hashlib.sha256(data).hexdigest()}. {LICENCE}",
        "groups": {group: [s for s in species if s in present] for group, species in GROUPS.items()},
        "notes": notes,
    }
    return text_of(told["version"], told["name"], head, kept)


def text_of(version: str, name: str, head: dict, reactions: list[dict]) -> str:
    """Write a mechanism as JSON, a reaction in each line."""
    lines = ",\n".join(json.dumps(entry) for entry in reactions)
    named = f'"version": {json.dumps(version)}, "name": {json.dumps(name)}'
    return f'{{{named},\n"__airshed": {json.dumps(head, indent=1)},\n"reactions": [\n{lines}\n]}}\n'


_CO_OH = {
    "type": "TERNARY_CHEMICAL_ACTIVATION_JPL19", "name": "usr_CO_OH", "k0_A": 2502.366373994483, "k0_B": -2.1, "k0_C": 0.0,
    "k0_D": 298.0, "kinf_A": 662435.4836, "kinf_B": 1.3, "kinf_C": 0.0, "kinf_D": 298.0, "kint_A": 111409.60406,
    "kint_B": 0.0, "kint_C": -65.0, "kint_D": 298.0, "Fc": 0.6, "N": 1.0,
}  # fmt: skip


def _words(entry: dict) -> str:
    sides = [
        " + ".join(x.get("name", x.get("species name")) for x in entry[side]) for side in ("reactants", "products")
    ]
    return " -> ".join(sides)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
