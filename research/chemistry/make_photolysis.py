"""Make photolysis.csv: rates of photolysis under a cloudless sky by the calculator TUV-x (needs the extra `chemistry`).

python -m research.chemistry.make_photolysis
"""

from __future__ import annotations

import numpy as np

from research.chemistry.sunlight import FILE

COS_ZENITH = np.r_[0.005:0.1:0.005, 0.1:0.2:0.01, 0.2:0.3:0.02, 0.3:1.0:0.03, 1.0]
_HEAD = """\
# title: rates of photolysis near the ground under a cloudless sky, by the cosine of the sun's zenith angle
# source: TUV-x (NCAR) as musica 0.17.2 ships it, configuration ts1_tsmlt, by research.virtual_airshed.chemistry.sunlight
# note: mean of 0 and 1 km, ozone column 300 DU, albedo 0.05, aerosol optical depth 0.24 at 550 nm, sun at 1 au; jno is 0 there
# unit: 1/s
"""


def main() -> None:
    """Write the table."""
    from research.virtual_airshed.chemistry.sunlight import photolysis_per_s

    rows = [photolysis_per_s(float(c)) for c in COS_ZENITH]
    names = list(rows[0])
    lines = [",".join(["cos_zenith", *names])]
    for cosine, row in zip(COS_ZENITH, rows, strict=True):
        lines.append(",".join([f"{cosine:g}", *(f"{row[name]:.5e}" for name in names)]))
    FILE.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
