"""The effect of cuts in plain words, Chinese or English, from its numbers alone: in ug/m3, never as shares, with its
interval.

Where the interval holds 0, the words say that the direction is not certain.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from ml.scenario.check import Check
from ml.scenario.cuts import CUT_SPECIES, Cut
from ml.scenario.effect import Effect, Shown
from streams.contributors import ALL

LANGUAGES = ("zh", "en")
SIGNS_RIGHT = 0.9
"""Where fewer signs were right than this, the words warn of the size."""


@cache
def catalogue() -> Mapping:
    """Read the texts of the package."""
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def cuts_in_words(cuts: Sequence[Cut], cities: Mapping[str, str], lang: str) -> str:
    """Name cuts. cities: code to name. What is cut alike in several cities is said once."""
    texts, sectors = catalogue()["sentence"][lang], catalogue()["sector"][lang]
    together: dict[tuple, list[str]] = {}
    for cut in cuts:
        city = texts["everywhere"] if cut.city == ALL else cities.get(cut.city, cut.city)
        together.setdefault((cut.sector, round(cut.share, 4), cut.species), []).append(city)
    between = "、" if lang == "zh" else ", "
    said = []
    for (sector, share, species), places in together.items():
        names = texts["everywhere"] if len(places) == len(cities) > 1 else between.join(places)
        form = "cut" if species == CUT_SPECIES else "cut_species"
        named = between.join(catalogue()["species"][lang][each] for each in species)
        said.append(texts[form].format(city=names, sector=sectors[sector], share=f"{100 * share:.3g}", species=named))
    return texts["joined"].join(said)


def effect_in_words(effect: Effect, receptor: str, cuts: str, city: str, lang: str) -> str:
    """Say what cuts change at a receptor. cuts: as cuts_in_words gives them. Nothing is said where nothing is known."""
    texts, i = catalogue()["sentence"][lang], effect.receptors.index(receptor)
    change, low, high = (float(each[i]) for each in (effect.change, effect.low, effect.high))
    if math.isnan(change):
        return ""
    about = {"cuts": cuts, "city": city, "quantity": catalogue()["quantity"][lang][effect.quantity]}
    if not bool(effect.certain[i]):
        return texts["open"].format(**about, low=signed(low), high=signed(high))
    ends = sorted((abs(low), abs(high)))
    form = "down" if change < 0 else "up"
    return texts[form].format(**about, change=plain(abs(change)), low=plain(ends[0]), high=plain(ends[1]))


def shown_in_words(effect: Effect, lang: str) -> str:
    """Say how wrong the method of an effect was where the answer is known."""
    return error_in_words(effect.shown, lang)


def error_in_words(shown: Shown, lang: str) -> str:
    """Say how wrong the method was where the answer is known, and where that is no better than no answer."""
    texts = catalogue()["sentence"][lang]
    said = texts["shown"].format(worlds=shown.worlds, median=plain(shown.median_ugm3), q95=plain(shown.q95_ugm3))
    if shown.useless:
        said += texts["useless"].format(mean=plain(shown.mean_ugm3), unchanged=plain(shown.unchanged_ugm3))
    if shown.sign_right < SIGNS_RIGHT:
        said += texts["sign"].format(right=f"{100 * shown.sign_right:.0f}")
    return said


def check_in_words(check: Check, receptor: str, city: str, lang: str) -> str:
    """Say what a measure has done, and whether the measurement can tell it."""
    texts, i = catalogue()["sentence"][lang], check.receptors.index(receptor)
    if math.isnan(float(check.without[i])):
        return ""
    first = texts["check"].format(
        city=city, quantity=catalogue()["quantity"][lang][check.quantity], observed=plain(check.observed[i]),
        without=plain(check.without[i]), low=plain(check.low[i]), high=plain(check.high[i]), change=signed(check.change[i]),
    )  # fmt: skip
    form = "check_open" if not check.certain[i] else "check_seen" if check.told[i] else "check_weather"
    second = texts[form].format(
        misfit=plain(check.misfit[i]),
        forecast=plain(check.forecast[i]),
        gap=signed(check.observed[i] - check.forecast[i]),
    )
    return f"{first}{'' if lang == 'zh' else ' '}{second}"


def unanswered_in_words(quantity: str, why: str, lang: str) -> str:
    """Say why a quantity is not answered. why: a reason of Response.unanswered."""
    texts = catalogue()
    name = why_key(why)
    said = why if name is None else texts["why"][lang].get(name, why)
    return texts["sentence"][lang]["unanswered"].format(quantity=texts["quantity"][lang][quantity], why=said)


def why_key(why: str) -> str | None:
    """Give the key of a reason of Response.unanswered, or of a key itself; None for a reason that has none."""
    known = catalogue()["why"]["en"]
    return next((key for key, said in known.items() if why in (key, said)), None)


def plain(value: float) -> str:
    """Write a concentration with a decimal, two where it is small."""
    return f"{value:.1f}" if abs(value) >= 0.95 or value == 0 else f"{value:.2f}"


def signed(value: float) -> str:
    """Write a change with its sign."""
    return f"{value:+.1f}".replace("-", "−")
