"""The axes of the ozone surface: the nodes at which production is computed, and between which it is linear."""

from __future__ import annotations

from types import MappingProxyType

OCTAVE = (1.0, 1.4)
"""Where the nodes of NOx and reactivity lie between one power of two and the next: the look-up finds a cell from the
exponent of the number. With powers of two alone the table lay up to half above the mechanism where VOC limit production."""


def _octaves(first: int, last: int) -> tuple[float, ...]:
    """Give the nodes from 2^first to 2^last."""
    return (*(2.0**power * step for power in range(first, last) for step in OCTAVE), 2.0**last)


NOX_PPB = (0.0, 0.1, 0.25, *_octaves(-1, 8))
"""NO + NO2 [ppb]: octaves from 0.5 to 256."""
REACTIVITY_PER_S = (0.0, *_octaves(-2, 6))
"""Weighted OH reactivity of VOC and CO [1/s], methane not counted: octaves from 0.25 to 64."""
COS_ZENITH = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Cosine of the sun's zenith angle; 0 stands for the whole night."""
CLOUD_TRANSMISSION = (0.25, 0.6, 1.0)
"""Factor on all rates of photolysis; 1 is a cloudless sky."""
TEMPERATURE_C = (0.0, 10.0, 20.0, 30.0, 38.0)
"""Air temperature [°C]."""

GROUPS = ("alkanes", "alkenes", "aromatics", "ovoc", "isoprene", "co")
"""What reactivity is made of. Alkanes include acetylene and halocarbons; ovoc are oxygenated compounds."""

AXES = MappingProxyType(
    {
        "nox_ppb": NOX_PPB,
        "reactivity_per_s": REACTIVITY_PER_S,
        "cos_zenith": COS_ZENITH,
        "cloud_transmission": CLOUD_TRANSMISSION,
        "temperature_c": TEMPERATURE_C,
    }
)
"""The axes in the order of the file's dimensions."""
