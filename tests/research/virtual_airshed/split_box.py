"""The box of the ozone surface, built a second time in the usual way: run, put back, run again.

It shares nothing with the project's box but the library and the rates of photolysis. The mechanism is the one that musica
ships, whole; NOx, ozone and the emitted compounds are put back to their values after each short step; everything else is
thinned out between steps.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import musica
import numpy as np
from musica.mechanism_configuration import parse
from musica.utils import find_config_path

from research.virtual_airshed.chemistry.sunlight import photolysis_per_s

GAS_CONSTANT = 8.314462618
ODD_OXYGEN = {"O3": 1, "O": 1, "O1D": 1, "NO2": 1, "NO3": 2, "N2O5": 3, "HO2NO2": 1}
KEPT = ("M", "N2", "O2", "H2O", "CH4", "H2", "NO", "NO2", "NO3", "N2O5", "O3")


def net_ppb_per_h(emitted_ppb, *, nox_ppb, o3_ppb, cos_zenith, cloud, temperature_k, pressure_pa, hours, dilution_per_s,
                  vapour_share, folder: Path, step_s=60.0, window_s=600.0):  # fmt: skip
    """Give the net rate of odd oxygen [ppb/h] and O3 + NO2 [ppb] of one box; emitted_ppb: amounts by species."""
    solver = musica.MICM(mechanism=parse(str(_file(folder))), solver_type=musica.SolverType.rosenbrock_standard_order)
    state = solver.create_state(1)
    parameters = solver.get_solver_parameters()
    parameters.relative_tolerance, parameters.absolute_tolerances = 1e-6, [1e-17] * len(state.get_species_ordering())
    solver.set_solver_parameters(parameters)
    air = pressure_pa / (GAS_CONSTANT * temperature_k)
    ppb = air * 1e-9
    state.set_conditions(temperature_k, pressure_pa)
    state.set_user_defined_rate_parameters(_parameters(state, cos_zenith, cloud))
    amounts = dict.fromkeys(state.get_species_ordering(), 0.0)
    amounts |= {"M": air, "N2": 0.7808 * air, "O2": 0.2095 * air, "H2O": vapour_share * air}
    amounts |= {"CH4": 1900 * ppb, "H2": 530 * ppb, "NO": 0.5 * nox_ppb * ppb, "NO2": 0.5 * nox_ppb * ppb}
    made, thinner = 0.0, math.exp(-dilution_per_s * step_s)
    steps, counted = round(hours * 3600 / step_s), round(window_s / step_s)
    for step in range(steps + counted):
        amounts["O3"] = o3_ppb * ppb
        amounts |= {s: x * ppb for s, x in emitted_ppb.items()}
        scale = nox_ppb * ppb / (amounts["NO"] + amounts["NO2"])
        amounts |= {"NO": amounts["NO"] * scale, "NO2": amounts["NO2"] * scale}
        before = _ox(amounts)
        state.set_concentrations(amounts)
        left = step_s
        while left > 0:
            left -= solver.solve(state, left).stats.final_time
        amounts = {s: x[0] for s, x in state.get_concentrations().items()}
        made += (_ox(amounts) - before) * (step >= steps)
        amounts = {s: x if s in KEPT or s in emitted_ppb else x * thinner for s, x in amounts.items()}
    return made / ppb * 3600 / window_s, (amounts["O3"] + amounts["NO2"]) / ppb


def _ox(amounts) -> float:
    return sum(n * amounts[s] for s, n in ODD_OXYGEN.items())


def _file(folder: Path) -> Path:
    """Write the mechanism with the exponents of the falloff reactions where they belong (see held.mended)."""
    mechanism = json.loads(Path(find_config_path("v1", "ts1", "t1s2.json")).read_text())
    for reaction in mechanism["reactions"]:
        if reaction["type"] == "TROE" and reaction["N"] != 1:
            reaction["kinf_B"], reaction["N"] = -reaction["N"], 1.0
    path = folder / "t1s2.json"
    path.write_text(json.dumps(mechanism))
    return path


def _parameters(state, cos_zenith, cloud):
    clear = photolysis_per_s(cos_zenith)
    found = {}
    for name in state.get_user_defined_rate_parameters():
        if name.startswith("PHOTO."):
            found[name] = clear[name.removeprefix("PHOTO.")] * cloud
        else:  # no particles; the radius must not be zero
            found[name] = 1e-7 if name.endswith("[m]") else 0.0
    return {name: float(np.float64(x)) for name, x in found.items()}
