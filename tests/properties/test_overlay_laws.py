"""Layers of emissions: the arrays say what the rule says cell by cell, in whatever order the layers come."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.memory.overlay import Layer, name_of, overlay
from streams.records import INVENTORY_LENGTH, SPECIES

HOURS = 4
LAYERS = st.lists(
    st.tuples(
        st.sampled_from(["x", "y", "measured v", "measured w"]), st.booleans(), st.booleans(),
        st.lists(st.sampled_from(["coal", "dust", "road"]), min_size=1, max_size=3, unique=True), st.integers(0, 10**6),
    ),
    max_size=6, unique_by=lambda drawn: drawn[:3],
)  # fmt: skip
TEXT = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=60)


def _layer(name: str, measured: bool, simulated: bool, sectors: list[str], seed: int) -> Layer:
    rng = np.random.default_rng(seed)
    kgh = rng.integers(1, 10**6, (len(sectors), len(SPECIES), HOURS)).astype(float)
    kgh[rng.random(kgh.shape) < 0.5] = np.nan
    kgh[..., rng.random(HOURS) < 0.3] = np.nan
    return Layer(name, measured, simulated, tuple(sectors), kgh)


def _says(layer: Layer, sector: str, species: int, hour: int) -> float:
    return layer.kgh[layer.sectors.index(sector), species, hour] if sector in layer.sectors else math.nan


def _by_rule(layers: list[Layer], sector: str, species: int, hour: int) -> tuple[float, Layer | None]:
    """Find one number by the rule in words: real measurement, real inventory, simulated measurement, simulated inventory."""

    def cells(name: str) -> dict[tuple[str, int], Layer]:
        of_name = sorted((x for x in layers if x.name == name and not x.measured), key=lambda x: not x.simulated)
        return {
            (s, p): part for part in of_name for s in part.sectors for p in range(len(SPECIES))
            if not math.isnan(_says(part, s, p, hour))
        }  # fmt: skip

    inventories = {name: found for name in {x.name for x in layers if not x.measured} if (found := cells(name))}
    real = {name for name, found in inventories.items() if not any(part.simulated for part in found.values())}
    base = max(real or inventories, default=None)
    said = [x for x in layers if x.measured and not math.isnan(_says(x, sector, species, hour))]
    if base in real:
        said = [x for x in said if not x.simulated]
    if said:
        best = max(said, key=lambda x: (not x.simulated, x.name))
        return _says(best, sector, species, hour), best
    part = inventories.get(base, {}).get((sector, species))
    return (math.nan, None) if part is None else (_says(part, sector, species, hour), part)


@settings(max_examples=200, deadline=None)
@given(LAYERS)
def test_every_number_is_the_one_that_the_rule_names(drawn) -> None:
    layers = [_layer(*each) for each in drawn]
    found = overlay(layers, HOURS)
    assert found.sectors == tuple(sorted({s for layer in layers for s in layer.sectors}))
    for hour in range(HOURS):
        used = []
        for s, sector in enumerate(found.sectors):
            for p in range(len(SPECIES)):
                expected, layer = _by_rule(layers, sector, p, hour)
                np.testing.assert_equal(found.kgh[s, p, hour], expected)
                told, _ = _by_rule([x for x in layers if not x.measured], sector, p, hour)
                np.testing.assert_equal(found.beneath[s, p, hour], told if layer and layer.measured else math.nan)
                used += [layer] if layer else []
        assert found.simulated[hour] == any(layer.simulated for layer in used)
        said = {layer.name.removeprefix("measured ") for layer in used if layer.measured}
        base = {layer.name for layer in used if not layer.measured}
        words = [*base, *(["measured " + "+".join(sorted(said))] if said else [])]
        assert len(base) <= 1 and found.inventory[hour] == " + ".join(words)


@settings(max_examples=100, deadline=None)
@given(LAYERS, st.randoms(use_true_random=False))
def test_the_order_of_the_layers_does_not_matter(drawn, random) -> None:
    layers = [_layer(*each) for each in drawn]
    mixed = list(layers)
    random.shuffle(mixed)
    one, other = overlay(layers, HOURS), overlay(mixed, HOURS)
    np.testing.assert_array_equal(one.kgh, other.kgh)
    assert one.inventory.tolist() == other.inventory.tolist() and one.simulated.tolist() == other.simulated.tolist()


@settings(max_examples=200, deadline=None)
@given(TEXT, st.lists(TEXT, max_size=3))
def test_a_name_fits_and_says_both(inventory, measured) -> None:
    name = name_of(inventory, measured)
    assert 0 < len(name) <= INVENTORY_LENGTH
    if measured:
        first, _, over = name.partition(" + measured ")
        assert over and (first == inventory or inventory.startswith(first.removesuffix("…")))
    whole = inventory + (" + measured " + "+".join(m.removeprefix("measured ") for m in measured) if measured else "")
    if len(whole) <= INVENTORY_LENGTH:
        assert name == whole
