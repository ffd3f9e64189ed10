"""Hold simulated days against the real ones: which numbers lie inside their band, which outside, and which are let
off by name.

`bands.csv`: for a statistic, an item and a season ("year", "season" for each of the four) the band. A number is
inside where its ratio to the real one lies from low to high, or its distance from it is at most within (in the
number's own unit). `exempt.csv`: what the virtual airshed is known not to keep; "*" stands for any. The reasons of
both are keys of the report's catalogue. `published.csv`: real numbers that are no part of the daily data; years are
averaged.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from research.virtual_airshed.reference import real
from research.virtual_airshed.reference.describing import SEASONS, describe

FOLDER = Path(__file__).parent
KEYS = ["statistic", "item", "season", "city"]
COLUMNS = (*KEYS, "real", "simulated", "low", "high", "within", "verdict", "reason")
INSIDE, OUTSIDE, EXEMPT, FEW_DAYS, NO_BAND = "inside", "outside", "exempt", "few_days", "no_band"
YEAR_DAYS, SEASON_DAYS = 330, 60
"""A number of a year or a season needs at least this many days, or it is not judged."""
ANY = "*"


def judge(daily: pd.DataFrame) -> pd.DataFrame:
    """Judge simulated daily values, as describe takes them: one row a number, COLUMNS.

    verdict: inside; outside; exempt (outside, and let off by exempt.csv); few_days, where the run is too short for the
    number; no_band, where none is stated or one of the two numbers is missing. reason: of the exemption, else of the
    band. low, high, within: NaN where the band does not say. Missing: NaN never is inside or outside.
    """
    found = describe(daily).rename(columns={"value": "simulated"})
    table = found.merge(real_numbers(), on=KEYS, how="left")
    bands, exempt = read_bands(), read_exempt()
    days = _days_of(daily)
    lines = [_judged(row, bands, exempt, days) for row in table.to_dict("records")]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def real_numbers() -> pd.DataFrame:
    """Give the real numbers: KEYS and real, of the daily data and of published.csv."""
    published = pd.read_csv(FOLDER / "published.csv", dtype={"city": str}).groupby(KEYS, as_index=False)["value"].mean()
    return pd.concat([real.load(), published], ignore_index=True).rename(columns={"value": "real"})


def read_bands() -> pd.DataFrame:
    """Read bands.csv; empty cells are NaN."""
    return pd.read_csv(FOLDER / "bands.csv")


def read_exempt() -> pd.DataFrame:
    """Read exempt.csv; an empty city is that of numbers of all cities."""
    return pd.read_csv(FOLDER / "exempt.csv", dtype=str, keep_default_na=False)


def is_inside(simulated: float, real_value: float, low: float, high: float, within: float) -> bool:
    """Tell whether a number is inside its band; comparisons with NaN are false, so that a missing limit lets
    nothing in.
    """
    ratio = simulated / real_value if real_value else np.nan
    return bool(low <= ratio <= high) or bool(abs(simulated - real_value) <= within)


def _judged(row: dict, bands: pd.DataFrame, exempt: pd.DataFrame, days: dict[str, int]) -> tuple:
    keys = tuple(row[k] for k in KEYS)
    simulated, real_value = float(row["simulated"]), float(row["real"])
    band = _band(bands, *keys[:3])
    if band is None or np.isnan(simulated) or np.isnan(real_value):
        return (*keys, real_value, simulated, np.nan, np.nan, np.nan, NO_BAND, "")
    low, high, within = (float(band[name]) for name in ("low", "high", "within"))
    verdict, reason = INSIDE, str(band["reason"])
    if days[keys[2]] < (YEAR_DAYS if keys[2] == "year" else SEASON_DAYS):
        verdict = FEW_DAYS
    elif not is_inside(simulated, real_value, low, high, within):
        excuse = _excuse(exempt, keys)
        verdict, reason = (EXEMPT, excuse) if excuse else (OUTSIDE, reason)
    return (*keys, real_value, simulated, low, high, within, verdict, reason)


def _band(bands: pd.DataFrame, statistic: str, item: str, season: str) -> pd.Series | None:
    named = "year" if season == "year" else "season"
    fits = bands[(bands["statistic"] == statistic) & (bands["item"] == item) & (bands["season"] == named)]
    return fits.iloc[0] if len(fits) else None


def _excuse(exempt: pd.DataFrame, keys: tuple[str, ...]) -> str:
    for line in exempt.itertuples(index=False):
        if all(wanted in (ANY, key) for wanted, key in zip(line[:4], keys, strict=True)):
            return str(line[4])
    return ""


def _days_of(daily: pd.DataFrame) -> dict[str, int]:
    dates = pd.DatetimeIndex(daily.index.get_level_values("date").unique())
    return {"year": len(dates), **{season: int(dates.month.isin(months).sum()) for season, months in SEASONS.items()}}
