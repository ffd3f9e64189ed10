"""Files of observations as arrays: the cells that a platform could read, without the platform.

What cannot be read (another time, an unknown station, text, a negative number) is missing, as the parsers would have it; a
value below its limit of detection counts as half the limit. Reviewed rows come after the provisional ones, and count.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.virtual_airshed.observe.clock import label
from research.virtual_airshed.observe.files import OutFile

KEYS = ("station", "hour_end")


@dataclass(frozen=True, eq=False)
class Table:
    """What is filled from the files of a feed. columns: of the values. codes: of the stations. values: (column, station, hour)."""

    first_hour: int
    columns: tuple[str, ...]
    codes: tuple[str, ...]
    values: np.ndarray

    @staticmethod
    def empty(first_hour: int, hours: int, columns: Sequence[str], codes: Sequence[str]) -> Table:
        """Give a table in which everything is missing."""
        return Table(
            first_hour, tuple(columns), tuple(codes), np.full((len(columns), len(codes), hours), np.nan, np.float32)
        )

    def fill(self, files: Iterable[OutFile]) -> None:
        """Put in what some files say."""
        for file in files:
            rows = _rows(file.text)
            station, hour = self._at(rows["station"], self.codes), self._hours(rows, file)
            there = (station >= 0) & (hour >= 0)
            for c, column in enumerate(self.columns):
                self.values[c, station[there], hour[there]] = numbers(rows[column][there])

    def fill_emissions(self, files: Iterable[OutFile]) -> None:
        """Put in what files with a line for each city and species say; columns are species, codes are cities."""
        for file in files:
            rows = _rows(file.text)
            city, species = self._at(rows["city"], self.codes), self._at(rows["species"], self.columns)
            hour = self._hours(rows, file)
            there = (city >= 0) & (species >= 0) & (hour >= 0)
            self.values[species[there], city[there], hour[there]] = numbers(rows["emission_kgh"][there])

    def _hours(self, rows: pd.DataFrame, file: OutFile) -> np.ndarray:
        known = {label(hour): hour - self.first_hour for hour in range(file.first_hour, file.last_hour + 1)}
        at = rows["hour_end"].map(known).fillna(-1).to_numpy(int)
        return np.where(at < self.values.shape[-1], at, -1)

    @staticmethod
    def _at(cells: pd.Series, names: Sequence[str]) -> np.ndarray:
        return cells.map({name: i for i, name in enumerate(names)}).fillna(-1).to_numpy(int)


def numbers(cells: pd.Series) -> np.ndarray:
    """Read cells: NaN where empty, text or negative; half the limit for "<limit"."""
    below = cells.str.startswith("<", na=False)
    found = pd.to_numeric(cells.str.lstrip("<"), errors="coerce").to_numpy(float)
    found = np.where(below, 0.5 * found, found)
    return np.where(found >= 0, found, np.nan)


def _rows(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), dtype=str, on_bad_lines="skip", keep_default_na=False)
