"""What a model said of hours that it had not been trained on, beside what was observed and what two simple forecasts
said.

Scores are never claimed: the registry works them out from these pairs, and compares two models on the hours that both
have.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ml.gates.errors import GateError
from ml.gates.splits import KINDS

PERSISTENCE, CLIMATOLOGY = "persistence", "climatology"
BASELINES = (PERSISTENCE, CLIMATOLOGY)
"""What every model is measured against: the value of the issue time, and the usual value of the hour and season."""
_NUMBERS = ("hour", "lead_h", "observed", "predicted", "trained_until")
_DTYPES = {"hour": np.int64, "lead_h": np.int64, "trained_until": np.int64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Pairs of one quantity, one row for each place, hour and lead.

    quantity: named with its unit, as the model names what it gives (pm25_ugm3). hour [epoch h] int64 (row,): hour of
    validity. lead_h [h] int64 (row,): hour of validity less the issue time, 0 or more. place (row,): codes of cities
    or stations. observed, predicted [the quantity's unit] float64 (row,), NaN where missing. baselines: by name the
    same, at least BASELINES. trained_until [epoch h] int64 (row,) or one: the last hour of validity that the model
    which gave the row had been trained on. embargo_h [h]: what was kept free between. quantiles: by level (0 to 1)
    float64 (row,), where the model gives them. split: one of ml.gates.splits.KINDS. simulated: whether anything of it
    is. Errors: GateError where the shapes or names are others.
    """

    quantity: str
    hour: np.ndarray
    lead_h: np.ndarray
    place: np.ndarray
    observed: np.ndarray
    predicted: np.ndarray
    baselines: Mapping[str, np.ndarray]
    trained_until: np.ndarray | int
    split: str
    embargo_h: int = 0
    quantiles: Mapping[float, np.ndarray] = field(default_factory=dict)
    simulated: bool = False

    def __post_init__(self) -> None:
        rows = np.shape(self.hour)
        if len(rows) != 1 or not rows[0]:
            raise GateError(f"an evaluation of {self.quantity} has hours {rows}, expected one row or more")
        object.__setattr__(
            self, "trained_until", np.broadcast_to(np.asarray(self.trained_until, np.int64), rows).copy()
        )
        for name in _NUMBERS:
            object.__setattr__(
                self, name, _column(self, name, getattr(self, name), rows, _DTYPES.get(name, np.float64))
            )
        object.__setattr__(self, "place", _column(self, "place", self.place, rows, np.str_))
        for name in ("baselines", "quantiles"):
            columns = {key: _column(self, name, each, rows, np.float64) for key, each in getattr(self, name).items()}
            object.__setattr__(self, name, columns)
        if lacking := [name for name in BASELINES if name not in self.baselines]:
            raise GateError(
                f"an evaluation of {self.quantity} lacks {' and '.join(lacking)}, expected both beside the model"
            )
        if self.split not in KINDS:
            raise GateError(f"the split {self.split!r} is none of {', '.join(KINDS)}: nothing else is a score")
        if (self.lead_h < 0).any():
            raise GateError(f"an evaluation of {self.quantity} has a lead of {self.lead_h.min()} h, expected 0 or more")
        if not all(0 < level < 1 for level in self.quantiles):
            raise GateError(
                f"quantiles of {self.quantity} have levels {sorted(self.quantiles)}, expected between 0 and 1"
            )
        if self.embargo_h < 0:
            raise GateError(
                f"an evaluation of {self.quantity} has an embargo of {self.embargo_h} h, expected 0 or more"
            )
        twice = len(self.hour) - len({*zip(self.hour.tolist(), self.lead_h.tolist(), self.place.tolist(), strict=True)})
        if twice:
            raise GateError(
                f"an evaluation of {self.quantity} has {twice} rows twice, expected one for each place, hour and lead"
            )

    @property
    def issued(self) -> np.ndarray:
        """Give the issue time of each row [epoch h]."""
        return self.hour - self.lead_h

    def packed(self) -> bytes:
        """Give the evaluation as bytes of an npz archive; the same evaluation gives the same bytes."""
        columns = {name: getattr(self, name) for name in (*_NUMBERS, "place")}
        columns |= {f"baseline/{name}": values for name, values in sorted(self.baselines.items())}
        columns |= {f"quantile/{level!r}": values for level, values in sorted(self.quantiles.items())}
        said = {"quantity": self.quantity, "split": self.split}
        columns |= {name: np.array(text) for name, text in said.items()}
        columns |= {"embargo_h": np.array(self.embargo_h), "simulated": np.array(self.simulated)}
        target = io.BytesIO()
        np.savez(target, **columns)
        return target.getvalue()


def unpacked(packed: bytes) -> Evaluation:
    """Give the evaluation of bytes that Evaluation.packed has written; nothing of them is run."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        columns = {name: file[name] for name in file.files}
    parts = {
        kind: {name.partition("/")[2]: values for name, values in columns.items() if name.startswith(f"{kind}/")}
        for kind in ("baseline", "quantile")
    }
    return Evaluation(
        quantity=str(columns["quantity"]), split=str(columns["split"]), embargo_h=int(columns["embargo_h"]),
        simulated=bool(columns["simulated"]), place=columns["place"], baselines=parts["baseline"],
        quantiles={float(level): values for level, values in parts["quantile"].items()},
        **{name: columns[name] for name in _NUMBERS},
    )  # fmt: skip


def _column(evaluation: Evaluation, name: str, values: np.ndarray, rows: tuple[int, ...], dtype: type) -> np.ndarray:
    array = np.asarray(values, dtype)
    if array.shape != rows:
        raise GateError(
            f"an evaluation of {evaluation.quantity} has {name} {array.shape}, expected {rows} as the hours"
        )
    return array
