"""A made mechanism of the size and shape of an MCM subset: oxidation chains over the inorganic chemistry of T1S2. SIMULATED.

Each link is a carbonyl or VOC with its peroxy radical, nitrate and hydroperoxide, and every third an acyl radical with its
PAN; all peroxy radicals meet the sum RO2. Constants are drawn around those of the MCM. It says how fast the solver is and
nothing of the air.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from research.chemistry import Mechanism, load_mechanism, reduced
from research.chemistry.mechanism import MOL_M3
from research.virtual_airshed.chemistry.rates import AVOGADRO_PER_MOL
from research.virtual_airshed.chemistry.reactions import Reaction

CORE = ("O3", "NO", "NO2", "CO", "CH4", "H2", "CH2O")
CHAINS, LINKS = 25, 14
EMITTED = tuple(f"C{chain}_0" for chain in range(CHAINS))


def chains_of_voc(chains: int = CHAINS, links: int = LINKS, seed: int = 1) -> Mechanism:
    """Make the mechanism; with the usual size 1,878 species and 5,759 reactions."""
    random = np.random.default_rng(seed)
    core = reduced(load_mechanism("t1s2"), present=CORE, to=("O3", "NO", "NO2", "HNO3"))
    reactions, members = [*core.reactions], []
    for chain in range(chains):
        for link in range(links):
            reactions += _link(chain, link, links, random, members)
    return Mechanism("chains", tuple(reactions), MOL_M3, core.air, sums={"RO2": tuple(members)})


def _k(cm3: float, c: float = 0.0) -> dict:
    return {"type": "ARRHENIUS", "A": cm3 * AVOGADRO_PER_MOL * 1e-6, "B": 0.0, "C": c, "D": 300.0, "E": 0.0}


def _first(per_s: float, c: float = 0.0) -> dict:
    return {"type": "ARRHENIUS", "A": per_s, "B": 0.0, "C": c, "D": 300.0, "E": 0.0}


def _light(name: str, scale: float) -> dict:
    return {"type": "PHOTOLYSIS", "name": name, "scaling factor": scale}


def _link(chain: int, link: int, links: int, random: np.random.Generator, members: list[str]) -> list[Reaction]:
    x = f"{chain}_{link}"
    voc, ro2, nitrate, peroxide, acyl, pan = (f"{kind}{x}" for kind in ("C", "RO2_", "NO3_", "OOH_", "CO3_", "PAN_"))
    last = link == links - 1
    onward = {"CO": 1.0, "CH2O": 0.5} if last else {f"C{chain}_{link + 1}": 1.0}
    side = {f"C{chain}_{min(link + 2, links - 1)}": 0.6, "CH2O": 0.4} if not last else {"CH2O": 1.0}
    k_oh = float(10.0 ** random.uniform(-12.0, -10.2))
    share = float(random.uniform(0.05, 0.35))
    members.append(ro2)
    found = [
        Reaction({voc: 1, "OH": 1}, {ro2: 1, "RO2": 1}, _k(k_oh)),
        Reaction({ro2: 1, "NO": 1}, {nitrate: 1, "RO2": -1}, _k(2.7e-12 * share, 360.0)),
        Reaction({ro2: 1, "NO": 1}, {**onward, "HO2": 1, "NO2": 1, "RO2": -1}, _k(2.7e-12 * (1.0 - share), 360.0)),
        Reaction({ro2: 1, "NO3": 1}, {**onward, "HO2": 1, "NO2": 1, "RO2": -1}, _k(2.3e-12)),
        Reaction({ro2: 1, "HO2": 1}, {peroxide: 1, "RO2": -1}, _k(2.0e-13, 1300.0)),
        Reaction({ro2: 1, "RO2": 1}, {**onward, "HO2": 0.6}, _k(float(10.0 ** random.uniform(-13.0, -12.0)))),
        Reaction({ro2: 1, "RO2": 1}, {**side}, _k(float(10.0 ** random.uniform(-13.5, -12.5)))),
        Reaction({peroxide: 1, "OH": 1}, {ro2: 1, "RO2": 1}, _k(2.0e-11)),
        Reaction({peroxide: 1, "OH": 1}, {**side, "OH": 1}, _k(4.0e-11)),
        Reaction({peroxide: 1}, {**onward, "OH": 1, "HO2": 1}, _light("jch3ooh", 1.0)),
        Reaction({nitrate: 1, "OH": 1}, {**side, "NO2": 1}, _k(float(10.0 ** random.uniform(-12.5, -11.0)))),
        Reaction({nitrate: 1}, {**onward, "HO2": 1, "NO2": 1}, _light("jno2", 3e-4)),
    ]
    if link:
        found.append(Reaction({voc: 1}, {**side, "HO2": 1, "CO": 1}, _light("jch2o_a", 0.3)))
    if link % 5 < 3:
        members.append(acyl)
        found += [
            Reaction({voc: 1, "NO3": 1}, {acyl: 1, "HNO3": 1, "RO2": 1}, _k(5e-15)),
            Reaction({acyl: 1, "NO": 1}, {**side, "NO2": 1, "HO2": 1, "RO2": -1}, _k(7.5e-12, 290.0)),
            Reaction({acyl: 1, "HO2": 1}, {**side, "OH": 1, "RO2": -1}, _k(5.2e-13, 980.0)),
            Reaction({acyl: 1, "NO2": 1}, {pan: 1, "RO2": -1}, _k(1.0e-11)),
            Reaction({pan: 1}, {acyl: 1, "NO2": 1, "RO2": 1}, _first(1e16, -13500.0)),
        ]
    return [replace(r, products={s: c for s, c in r.products.items() if c}) for r in found]
