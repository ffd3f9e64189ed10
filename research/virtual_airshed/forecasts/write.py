"""Write a forecast run as the file that CDAQS would send, in the layout of CMAQ's output (IOAPI) or of CF.

SIMULATED, and every file says so: by `simulated`, by the name of its model, by its title.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from research.virtual_airshed.forecasts.cdaqs_writer import write_cf, write_ioapi
from research.virtual_airshed.forecasts.runs import Forecast, ForecastModel, Start, run
from research.virtual_airshed.grid import CELL_M, CENTRE, COLUMNS, ROWS
from research.virtual_airshed.tracers import NMOL_PER_PPB
from research.virtual_airshed.weather.fields import REPORTED_SHARE
from standards.whole_files import taking_place
from streams.sources.forecasts.variables import state_ratio

MODEL = "CDAQS-sim"
"""No run of the virtual airshed can be taken for one of CDAQS."""
LAYOUTS = ("ioapi", "cf")
STEPS = {"SO2": 2**-1, "NO2": 1.0, "CO": 2**-5, "O3": 1.0, "PM25_TOT": 2.0, "PM10": 4.0, "U10": 2**-2, "V10": 2**-2,
         "T2": 2**-1, "RH": 2.0, "PBL": 16.0, "RN": 2**-4, "RC": 2**-4}  # fmt: skip
"""To what each variable is rounded, in its unit: powers of two leave few digits to store, and no number looks finer than it is."""
FOLDER = "forecast"
COMPRESSION, CHUNK = 6, (12, 8)
"""Level of zlib, and rows and columns that are compressed together. Level 9 takes six times as long for files 5 % smaller;
blocks of cells save up to 10 %."""
_CF_NAMES = {"U10": "x_wind", "V10": "y_wind"}
"""The winds run along the grid."""


def write_missing(
    starts: Iterable[Start], model: ForecastModel, folder: Path, *, layout: str = "ioapi"
) -> Iterator[Path]:
    """Run and write, one by one as it is asked for them, the runs whose files are not there yet; give the new files."""
    for start in starts:
        if not path_of(folder, start.init).exists():
            yield write_run(run(model, start), model, folder, layout=layout)


def write_run(forecast: Forecast, model: ForecastModel, folder: Path, *, layout: str = "ioapi") -> Path:
    """Write a run into a folder as FOLDER/cdaqs_sim_YYYYMMDDHH.nc; give the file.

    The file appears whole or not at all, and one that is there is never written again. layout: one of LAYOUTS.
    Errors: ValueError for another layout, FileExistsError where the file is there.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"the layout is {layout!r}, expected one of {', '.join(LAYOUTS)}")
    path = path_of(folder, forecast.init)
    if path.exists():
        raise FileExistsError(f"{path} is there, expected a run that has not been written")
    path.parent.mkdir(parents=True, exist_ok=True)
    with taking_place(path, draft=f".{path.name}.part") as hidden:
        _write(hidden, fields_of(forecast, model), layout, model, forecast.init)
    return path


def path_of(folder: Path, init: int) -> Path:
    """Give the file of the run that starts at an epoch hour."""
    stamp = np.datetime_as_string(np.datetime64(init, "h")).replace("-", "").replace("T", "")
    return folder / FOLDER / f"cdaqs_sim_{stamp}.nc"


def fields_of(forecast: Forecast, model: ForecastModel) -> dict[str, tuple[str, np.ndarray]]:
    """Give what a file holds: variable's name to (unit, values (hour, row, column)), rounded to STEPS.

    Gases are mixing ratios of a model whose ug/m3 are told, as its observations, at the reference state of GB 3095 of the day; all
    values are means of the hour; winds at 10 m, along the grid.
    """
    ground, weather = forecast.ground, forecast.weather
    oxygen, fine = ground.odd_oxygen(), ground.pm25_parts_ugm3().sum(axis=0)
    height = weather.mixing_height_m
    exact = {
        "SO2": ("ppbV", _hour_first(ground.of("so2") / NMOL_PER_PPB)), "NO2": ("ppbV", _hour_first(oxygen.no2_ppb)),
        "CO": ("ppmV", _hour_first(ground.of("co") / NMOL_PER_PPB * 1e-3)),
        "O3": ("ppbV", _hour_first(np.maximum(oxygen.o3_ppb, 0.0))),
        "PM25_TOT": ("ug m-3", _hour_first(fine)), "PM10": ("ug m-3", _hour_first(fine + ground.of("coarse"))),
        **{name: ("m s-1", speed) for name, speed in zip(("U10", "V10"), _wind_ms(forecast, model), strict=True)},
        "T2": ("K", weather.temperature_c + 273.15), "RH": ("%", weather.humidity_pct),
        "PBL": ("m", 0.5 * (height[1:] + height[:-1])),
        "RN": ("mm", weather.rain_mm), "RC": ("mm", np.zeros_like(weather.rain_mm)),
    }  # fmt: skip
    hours = forecast.init + 1 + np.arange(forecast.hours)
    state = state_ratio(hours)[:, None, None]
    exact |= {name: (unit, v / state) for name, (unit, v) in exact.items() if unit in ("ppbV", "ppmV")}
    return {name: (unit, np.rint(v / STEPS[name]) * STEPS[name]) for name, (unit, v) in exact.items()}


def attributes_of(model: ForecastModel, init: int) -> dict[str, object]:
    """Give the global attributes by which a file says what it is: nothing from which the nature run could be made again.

    Seed, tilts and factors are left out, and so is the scenario's name, which stands for its tilts.
    """
    started = np.datetime_as_string(np.datetime64(init, "h"))
    return {
        "model": MODEL, "simulated": np.int32(1),
        "title": f"SIMULATED run of {started}:00Z of the virtual airshed: no forecast of real air, no output of CDAQS",
        "inventory": inventory_version(model.plan.inventory),
    }  # fmt: skip


def inventory_version(folder: Path) -> str:
    """Read the version of an inventory."""
    return tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))["version"]


def _write(
    path: Path, fields: Mapping[str, tuple[str, np.ndarray]], layout: str, model: ForecastModel, init: int
) -> None:
    attributes = attributes_of(model, init)
    same = {"first_stamp": init, "run_init": init, "complevel": COMPRESSION, "chunk": CHUNK}
    if layout == "ioapi":
        write_ioapi(
            path, fields, rows=ROWS, columns=COLUMNS, cell_m=CELL_M, centre=CENTRE, attributes=attributes,
            time_label="start", **same,
        )  # fmt: skip
        return
    lon, lat = model.world.grid.lon, model.world.grid.lat
    write_cf(
        path,
        fields,
        lon=lon,
        lat=lat,
        attributes=attributes | {"time_label": "start"},
        standard_names=_CF_NAMES,
        **same,
    )


def _wind_ms(forecast: Forecast, model: ForecastModel) -> tuple[np.ndarray, np.ndarray]:
    flow = model.world.flow_of(forecast.weather.wind_ms[0].T)
    return tuple(REPORTED_SHARE * speed for speed in flow.centred())  # type: ignore[return-value]


def _hour_first(values: np.ndarray) -> np.ndarray:
    return np.moveaxis(values, -1, 0)
