"""A box of air with fixed NOx, emitted compounds and ozone, solved by MICM of musica; many boxes at once."""

from __future__ import annotations

import functools
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import musica
import numpy as np
from musica.mechanism_configuration import parse
from musica.micm.solver_result import SolverState
from musica.utils import find_config_path

from research.virtual_airshed.chemistry.axes import GROUPS
from research.virtual_airshed.chemistry.held import HELD, LOST, MADE, constrained
from research.virtual_airshed.chemistry.mixture import REFERENCE_PA, Mixture, load_mixture
from research.virtual_airshed.chemistry.rates import AVOGADRO_PER_MOL, GAS_CONSTANT_J_PER_MOL_K, PPB
from research.virtual_airshed.chemistry.sunlight import photolysis_per_s

MECHANISM = ("v1", "ts1", "t1s2.json")
"""The mechanism among the configurations of musica: MOZART T1S2, of the family of TS1."""
RELATIVE_TOLERANCE = 1e-5
ABSOLUTE_TOLERANCE_MOL_M3 = 1e-17
"""6 molecules/cm3. Ten times smaller tolerances change no rate by more than 3e-6 of itself or of 1 ppb/h (four skies)."""
_SPIN_UP_NO_SHARE = 0.25  # of NOx at the start; the balance is found within minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is the same in all boxes.

    o3_ppb: the ozone that is held. ch4_ppb, h2_ppb: the clean air's. relative_humidity: 0 to 1; vapour_pa: the most water
    vapour there is, so that hot days are drier. hours: how long products build up before the rate is taken.
    dilution_per_s: their first-order loss. window_s: over which the rate is taken. pressure_pa: of the air.
    """

    o3_ppb: float = 60.0
    ch4_ppb: float = 1900.0
    h2_ppb: float = 530.0
    relative_humidity: float = 0.7
    vapour_pa: float = 2800.0
    hours: float = 4.0
    dilution_per_s: float = 1.0 / (3 * 3600)
    window_s: float = 600.0
    pressure_pa: float = REFERENCE_PA


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes: float64 arrays of one length (box,). group_factor: by which groups differ from the mixture."""

    nox_ppb: np.ndarray
    reactivity_per_s: np.ndarray
    cos_zenith: np.ndarray
    cloud_transmission: np.ndarray
    temperature_c: np.ndarray
    group_factor: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.group_factor) - set(GROUPS)):
            raise ValueError(f"group is {', '.join(unknown)}, expected one of {', '.join(GROUPS)}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the boxes came to, (box,): net rate of odd oxygen [ppb/h], O3 + NO2 [ppb], OH [molecules/cm3], and NO, NO2,
    O3 and formaldehyde made in the box [ppb]."""

    net_ppb_per_h: np.ndarray
    ox_ppb: np.ndarray
    oh_cm3: np.ndarray
    no_ppb: np.ndarray
    no2_ppb: np.ndarray
    o3_ppb: np.ndarray
    hcho_ppb: np.ndarray


def run(boxes: Boxes, *, setting: Setting | None = None, mixture: Mixture | None = None) -> Outcome:
    """Let products build up in each box, then take the net rate at which odd oxygen is made.

    boxes: cos_zenith above 0. setting, mixture: the defaults are those of the surface.
    Errors: RuntimeError where the solver does not converge.
    """
    setting, mixture = setting or Setting(), mixture or load_mixture()
    solver = _solver(setting.dilution_per_s, mixture.species)
    state = solver.create_state(len(boxes.nox_ppb))
    temperature_k = np.asarray(boxes.temperature_c, np.float64) + 273.15
    air = setting.pressure_pa / (GAS_CONSTANT_J_PER_MOL_K * temperature_k)
    state.set_conditions(temperature_k.tolist(), [setting.pressure_pa] * len(air), air.tolist())
    state.set_concentrations(_start(boxes, state, setting, mixture, air))
    state.set_user_defined_rate_parameters(_photolysis(boxes, state))
    _advance(solver, state, setting.hours * 3600.0)
    before = state.get_concentrations()
    _advance(solver, state, setting.window_s)
    after = state.get_concentrations()
    ppb = {s: np.array(after[s]) / (air * PPB) for s in ("NO", "NO2", "O3", "CH2O", MADE, LOST)}
    net = ppb[MADE] - ppb[LOST] - (np.array(before[MADE]) - np.array(before[LOST])) / (air * PPB)
    return Outcome(
        net_ppb_per_h=net * 3600.0 / setting.window_s,
        ox_ppb=ppb["O3"] + ppb["NO2"],
        oh_cm3=np.array(after["OH"]) * AVOGADRO_PER_MOL * 1e-6,
        no_ppb=ppb["NO"],
        no2_ppb=ppb["NO2"],
        o3_ppb=ppb["O3"],
        hcho_ppb=ppb["CH2O"],
    )


def read_mechanism() -> dict:
    """Read the mechanism as musica ships it."""
    return json.loads(Path(find_config_path(*MECHANISM)).read_text(encoding="utf-8"))


def saturation_pa(temperature_c: np.ndarray) -> np.ndarray:
    """Compute the saturation pressure of water vapour [Pa] over water at a temperature [°C]: Bolton 1980, eq. 10."""
    return 611.2 * np.exp(17.67 * temperature_c / (temperature_c + 243.5))


@functools.cache
def _solver(dilution_per_s: float, emitted: tuple[str, ...]) -> musica.MICM:
    held = constrained(read_mechanism(), emitted, dilution_per_s=dilution_per_s)
    with tempfile.TemporaryDirectory() as folder:  # musica reads files only
        path = Path(folder) / "held.json"
        path.write_text(json.dumps(held), encoding="utf-8")
        solver = musica.MICM(mechanism=parse(str(path)), solver_type=musica.SolverType.rosenbrock_standard_order)
    parameters = solver.get_solver_parameters()
    parameters.relative_tolerance = RELATIVE_TOLERANCE
    parameters.absolute_tolerances = [ABSOLUTE_TOLERANCE_MOL_M3] * len(held["species"])
    solver.set_solver_parameters(parameters)
    return solver


def _start(boxes: Boxes, state, setting: Setting, mixture: Mixture, air: np.ndarray) -> dict[str, np.ndarray]:
    """Give the amounts at the start [mol/m3]."""
    ppb = air * PPB
    vapour = setting.relative_humidity * saturation_pa(np.asarray(boxes.temperature_c))
    water = np.minimum(vapour, setting.vapour_pa) / setting.pressure_pa
    start = {s: np.zeros(len(air)) for s in state.get_species_ordering()}
    start |= {"M": air, "O2": 0.2095 * air, "N2": 0.7808 * air, "H2O": water * air}
    start |= {"CH4": setting.ch4_ppb * ppb, "H2": setting.h2_ppb * ppb, "O3": setting.o3_ppb * ppb}
    nox = np.asarray(boxes.nox_ppb, np.float64) * ppb
    start |= {"NO": _SPIN_UP_NO_SHARE * nox, "NO2": (1.0 - _SPIN_UP_NO_SHARE) * nox}
    for (species, amount), group in zip(mixture.ppb(boxes.reactivity_per_s).items(), mixture.group, strict=True):
        start[species + HELD] = amount * boxes.group_factor.get(group, 1.0) * ppb
    return start


def _photolysis(boxes: Boxes, state) -> dict[str, np.ndarray]:
    """Give the rates of photolysis of each box [1/s] by the names that the state wants."""
    clear = [photolysis_per_s(float(c)) for c in boxes.cos_zenith]
    wanted = {}
    for name in state.get_user_defined_rate_parameters():
        reaction = name.removeprefix("PHOTO.").removesuffix(HELD)
        wanted[name] = np.array([rates[reaction] for rates in clear]) * boxes.cloud_transmission
    return wanted


def _advance(solver: musica.MICM, state, seconds: float) -> None:
    left = seconds
    while left > 0.0:
        result = solver.solve(state, left)
        if result.state != SolverState.Converged:
            raise RuntimeError(f"MICM ended as {result.state} with {left:g} s left, expected to converge")
        left -= result.stats.final_time
