"""MICM of musica doing what the solver here does: the same reactions, weather and mixing, its own constants and steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import musica
import numpy as np
from musica.mechanism_configuration import parse
from musica.micm.solver_result import SolverState

GAS_CONSTANT = 8.314462618


class Box:
    """Boxes of air solved by MICM.

    folder: where the mechanism is written for it. reactions: entries of MUSICA's format without mixing. air: species whose
    amounts follow from the weather, as shares of the air.
    """

    def __init__(
        self, folder: Path, entries, species, air: Mapping[str, float], *, mixed, sources, cells, rtol=1e-7
    ) -> None:
        self.air, self.mixed, self.sources, self.cells = air, mixed, sources, cells
        self.light = [each["name"] for each in entries if each["type"] == "PHOTOLYSIS"]
        every = [*entries, *(_out(s) for s in mixed), *(_in(s) for s in (*mixed, *sources))]
        phase = {"name": "gas", "species": [{"name": s} for s in species]}
        told = {"version": "1.4.0", "name": "box", "species": [{"name": s} for s in species], "phases": [phase]}
        path = folder / "box.json"
        path.write_text(json.dumps(told | {"reactions": every}), encoding="utf-8")
        self.solver = musica.MICM(mechanism=parse(str(path)), solver_type=musica.SolverType.rosenbrock_standard_order)
        parameters = self.solver.get_solver_parameters()
        parameters.relative_tolerance = rtol
        parameters.absolute_tolerances = [1e-17] * len(species)
        self.solver.set_solver_parameters(parameters)
        self.state = self.solver.create_state(cells)

    def start(self, ppb: Mapping[str, np.ndarray], temperature_k: float, pressure_pa: float) -> None:
        self.air_mol_m3 = air = pressure_pa / (GAS_CONSTANT * temperature_k)
        amounts = {s: np.zeros(self.cells) for s in self.state.get_species_ordering()}
        amounts |= {s: np.full(self.cells, share * air) for s, share in self.air.items()}
        amounts |= {s: np.broadcast_to(v, self.cells) * air * 1e-9 for s, v in ppb.items()}
        self.state.set_concentrations(amounts)

    def window(
        self,
        seconds,
        temperature_k,
        pressure_pa,
        photolysis_s1,
        dilution_s1=0.0,
        background_ppb=None,
        source_ppb_s=None,
    ):
        """Go on for a window. Amounts follow the air: ppb stay, concentrations change with its density."""
        air = pressure_pa / (GAS_CONSTANT * temperature_k)
        now = self.ppb()
        self.state.set_conditions([temperature_k] * self.cells, [pressure_pa] * self.cells)
        self.air_mol_m3 = air
        shares = {s: np.full(self.cells, share * air) for s, share in self.air.items()}
        self.state.set_concentrations({s: v * air * 1e-9 for s, v in now.items()} | shares)
        rates = {f"PHOTO.{name}": [photolysis_s1[name.partition("#")[0]]] * self.cells for name in self.light}
        rates |= {f"LOSS.out_{s}": [dilution_s1] * self.cells for s in self.mixed}
        zero = np.zeros(self.cells)
        for s in self.mixed:
            rates[f"EMIS.in_{s}"] = zero + dilution_s1 * (background_ppb or {}).get(s, 0.0) * air * 1e-9
        for s in {*self.mixed, *self.sources} & set(source_ppb_s or {}):
            rates[f"EMIS.in_{s}"] = np.asarray(rates.get(f"EMIS.in_{s}", zero)) + source_ppb_s[s] * air * 1e-9
        self.state.set_user_defined_rate_parameters(rates)
        left = seconds
        while left > 0.0:
            result = self.solver.solve(self.state, left)
            assert result.state == SolverState.Converged
            left -= result.stats.final_time

    def ppb(self) -> dict[str, np.ndarray]:
        """Give all amounts now, (cell,) [ppb]."""
        return {s: np.array(v) / (self.air_mol_m3 * 1e-9) for s, v in self.state.get_concentrations().items()}


def entries_of(mechanism) -> list[dict]:
    """Write the reactions of a mechanism in MUSICA's format. MICM wants a name of its own for each rate of photolysis: NAME#1, …"""
    found = []
    for n, each in enumerate(mechanism.reactions):
        key = "species name" if each.rate["type"].startswith("TERNARY") else "name"
        sides = {"reactants": each.reactants, "products": each.products}
        listed = {side: [{key: s, "coefficient": c} for s, c in amounts.items()] for side, amounts in sides.items()}
        own = {"name": f"{each.rate['name']}#{n}"} if each.rate["type"] == "PHOTOLYSIS" else {}
        found.append({**each.rate, **own, **listed, "gas phase": "gas"})
    return found


def _out(species: str) -> dict:
    reactants = [{"name": species, "coefficient": 1.0}]
    return {
        "type": "FIRST_ORDER_LOSS",
        "name": f"out_{species}",
        "scaling factor": 1.0,
        "reactants": reactants,
        "gas phase": "gas",
    }


def _in(species: str) -> dict:
    products = [{"name": species, "coefficient": 1.0}]
    return {
        "type": "EMISSION",
        "name": f"in_{species}",
        "scaling factor": 1.0,
        "products": products,
        "gas phase": "gas",
    }
