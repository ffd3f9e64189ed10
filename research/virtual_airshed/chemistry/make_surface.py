"""Compute the ozone surface anew.

python -m research.virtual_airshed.chemistry.make_surface               write surface.nc beside this file
python -m research.virtual_airshed.chemistry.make_surface --out FILE    write it elsewhere

It needs the library musica (`pip install -e .[chemistry]`) and takes some minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
import xarray as xr

from research.virtual_airshed.chemistry import box, held, rates, reactions, sunlight, sweep
from research.virtual_airshed.chemistry.axes import AXES, CLOUD_TRANSMISSION, COS_ZENITH, GROUPS, TEMPERATURE_C
from research.virtual_airshed.chemistry.mixture import REFERENCE_K, load_mixture
from research.virtual_airshed.chemistry.surface import FILE

_UNITS = {
    "nox_ppb": ("NO + NO2", "ppb"),
    "reactivity_per_s": ("weighted OH reactivity of VOC and CO, methane not counted", "s-1"),
    "cos_zenith": ("cosine of the solar zenith angle; 0 is night", "1"),
    "cloud_transmission": ("factor on all rates of photolysis", "1"),
    "temperature_c": ("air temperature", "degC"),
}
_SKY = ("cos_zenith", "cloud_transmission", "temperature_c")


def compute(report: Callable[[str], None]) -> xr.Dataset:
    """Compute the whole surface; report is told how far it is. Returns the dataset that is written."""
    nox, reactivity = np.meshgrid(AXES["nox_ppb"], AXES["reactivity_per_s"], indexing="ij")
    skies = tuple(len(AXES[name]) for name in _SKY)
    production, loss, oh = np.zeros((*nox.shape, *skies)), np.zeros(skies), np.zeros(skies)
    for place in product(*(range(n) for n in skies)):
        sky = {name: AXES[name][i] for name, i in zip(_SKY, place, strict=True)}
        found = sweep.under_sky(nox, reactivity, **sky)
        production[(..., *place)], loss[place], oh[place] = found.production_ppb_per_h, found.loss_per_h, found.oh_cm3
        if place[2] == skies[2] - 1:
            report(", ".join(f"{name} {sky[name]:g}" for name in _SKY[:2]))
    report("weights of the groups")
    weights = sweep.group_weights()
    data = {
        "production_ppb_per_h": (
            tuple(AXES),
            production,
            _words("production of odd oxygen before its loss", "ppb h-1"),
        ),
        "loss_per_h": (_SKY, loss, _words("first-order loss of odd oxygen in clean air", "h-1")),
        "oh_cm3": (_SKY, oh, _words("OH at 8 ppb of NOx and a reactivity of 4 s-1", "molecule cm-3")),
        "jno2_per_s": (_SKY[:2], _jno2(), _words("rate of photolysis of NO2", "s-1")),
        "no_o3_cm3_per_s": ("temperature_c", _no_o3(), _words("rate constant of NO + O3", "cm3 molecule-1 s-1")),
        "group_weight": ("group", [weights[g] for g in GROUPS], _words("odd oxygen by unit of OH reactivity", "1")),
    }
    coordinates = {name: (name, np.array(nodes), _words(*_UNITS[name])) for name, nodes in AXES.items()}
    return xr.Dataset(data, coordinates | {"group": ("group", list(GROUPS))}, provenance())


def provenance(setting: box.Setting | None = None) -> dict[str, str | float]:
    """Say what the surface was made from and what was assumed, as attributes of the file."""
    s, mechanism = setting or box.Setting(), box.read_mechanism()
    return {
        "title": "Production and loss of odd oxygen (O3 + NO2) in the mixed layer of the Chengdu Plain",
        "simulated": "true: computed by a chemical mechanism, nothing here was measured",
        "mechanism": f"{mechanism['name']} (MOZART T1S2, of the family of TS1), file {'/'.join(box.MECHANISM)} of musica",
        "software": f"musica {version('musica')}: MICM (Rosenbrock, relative tolerance {box.RELATIVE_TOLERANCE:g}), TUV-x",
        "mended": "in falloff reactions the file has the exponent of the high-pressure limit in the place of N; put right",
        "photolysis": f"TUV-x vTS1, mean of 0 and 1 km, albedo {sunlight.ALBEDO:g}, 300 DU, 1 au, the calculator's aerosol",
        "o3_reference_ppb": s.o3_ppb,
        "box": (
            f"NOx (NO + NO2 + NO3 + 2 N2O5), emitted VOC, CO and {s.o3_ppb:g} ppb of O3 held; CH4 {s.ch4_ppb:g} ppb, "
            f"H2 {s.h2_ppb:g} ppb; {s.pressure_pa / 100:g} hPa, relative humidity {s.relative_humidity:g} but no more than "
            f"{s.vapour_pa / 100:g} hPa of vapour; products build up for {s.hours:g} h under the same sun and a loss of "
            f"1/({1 / s.dilution_per_s / 3600:g} h); the net rate is that of the {s.window_s / 60:g} min after"
        ),
        "odd_oxygen": " + ".join(f"{n:g} {m}" for m, n in held.ODD_OXYGEN.items()) + "; to HNO3 and PANs it is lost",
        "production": (
            "net rate + loss_per_h * (O3 + NO2); 0 without NOx and VOC because loss_per_h is defined so, no residue was "
            "subtracted; 0 at night by definition"
        ),
        "left_out": "uptake on particles, HONO from surfaces, halogens, night chemistry, monoterpenes, deposition",
        "mixture": f"mixture.csv; reactivity is counted at {REFERENCE_K:g} K and {s.pressure_pa / 100:g} hPa",
        "mixture_shares_of_reactivity": ", ".join(
            f"{g} {x:.3f}" for g, x in load_mixture().reactivity_shares().items()
        ),
        "group_weight_states": (
            f"+-{sweep.WEIGHT_STEP:.0%} of one group at (nox_ppb, reactivity_per_s, cos_zenith, cloud_transmission, "
            f"temperature_c) {'; '.join(str(state) for state in sweep.WEIGHT_STATES)}; mean of the ratios to the mixture, "
            f"cut to {sweep.WEIGHT_RANGE}"
        ),
        "made_by": "python -m research.virtual_airshed.chemistry.make_surface",
    }


def write(dataset: xr.Dataset, path: Path) -> None:
    """Write the dataset as compressed NetCDF-4 in single precision, of which 17 bits (five digits) are kept."""
    packed = {"dtype": "float32", "zlib": True, "complevel": 9, "shuffle": True}
    packed |= {"significant_digits": 17, "quantize_mode": "BitRound"}
    dataset.to_netcdf(path, format="NETCDF4", encoding=dict.fromkeys(dataset.data_vars, packed))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute and write the surface, with a line for each step."""
    parser = argparse.ArgumentParser(prog="make_surface", description="Compute the ozone surface anew.")
    parser.add_argument(
        "--out", type=Path, default=FILE, help="file to write (default: the one that the project reads)"
    )
    path = parser.parse_args(arguments).out
    write(compute(lambda words: print(words, flush=True)), path)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
    return 0


def _words(long_name: str, units: str) -> dict[str, str]:
    return {"long_name": long_name, "units": units}


def _jno2() -> np.ndarray:
    clear = [sunlight.photolysis_per_s(c)["jno2"] if c > 0.0 else 0.0 for c in COS_ZENITH]
    return np.multiply.outer(clear, CLOUD_TRANSMISSION)


def _no_o3() -> list[float]:
    known = reactions.read_reactions(box.read_mechanism())
    pressure = box.Setting().pressure_pa
    return [rates.k_cm3_per_s(known, "NO", "O3", temperature_k=t + 273.15, pressure_pa=pressure) for t in TEMPERATURE_C]


if __name__ == "__main__":
    sys.exit(main())
