"""Is a variable a mean or a value of its hour? Tables of cell methods and of names that say it is something else.

A daily mean, a maximum of eight hours or the spread of an ensemble among hourly steps is none, and is refused by name.

Source: CF-1.11 chapter 7.3 and appendix E (cell methods), chapter 7.4 (climatological statistics).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from streams.sources.forecasts.attributes import text
from streams.sources.forecasts.moments import HOUR_S, UNITS_S
from streams.sources.tally import Unusable

METHODS = ("mean", "point")
"""Cell methods over any axis that leave a value of the hour and the cell."""
RAIN_METHODS = (*METHODS, "sum")
DAILY = re.compile(
    r"mda8|dma8|daily|\bday[-_ ]?(?:mean|avg|average|max)|max[-_ ]?d8|h(?:ou)?rly?[-_ ]?max|max\w*[-_ ]*1[-_ ]?h"
    r"|(?<!\d)(?:8|24)[-_ ]?h(?:(?:ou)?rs?)?[-_ ]?(?:\w*max|mean|avg|aver|mov|run|rolling|sliding)"
    r"|(?:max\w*|mean|avg|average\w*|moving|running|rolling|sliding)[-_ ]*(?:of[-_ ])?(?:the[-_ ])?(?:8|24|eight)[-_ ]?h"
    r"|(?<!\d)1[-_ ]?h(?:ou)?r?[-_ ]?\w*max",
    re.IGNORECASE,
)
DAILY_NAME = re.compile(r"[-_ ](?:8|24)h(?:(?:ou)?rs?)?$", re.IGNORECASE)
"""Names and descriptions of what is no value of one hour: MDA8, O3_8HRMAX, PM25_24H, daily mean, 1-hour maximum."""
STATISTIC = re.compile(
    r"standard[-_ ]?(?:deviation|error)|std[-_ ]?dev|(?<![a-z])(?:spread|stddev|variance|uncertainty|percentile|quantile)(?![a-z])"
    r"|anomal|increment|probability|(?<![a-z])(?:bias(?![-_ ]*(?:corrected|adjusted|free))|error|exceedance)(?![a-z])",
    re.IGNORECASE,
)
"""Descriptions of what is said about a forecast and is not the forecast."""
DAY_H = 24.0

_METHOD = re.compile(r"(?:\w{1,60}:\s*)+(\w{1,40})")
_INTERVAL = re.compile(r"(?P<said>interval:|\()\s*(?P<count>\d{1,6}(?:\.\d{1,6})?)[-\s]*(?P<unit>[a-z]{1,20})")


def require_hourly(name: str, attrs: Mapping, *, step: float, rain: bool) -> None:
    """Raise Unusable where cell methods, name or description say that a variable is no value of its step.

    step [h]: of the time axis; a daily axis may hold daily means (it is read by open_forecast only).
    """
    methods = text(attrs, "cell_methods").lower()
    allowed = RAIN_METHODS if rain else METHODS
    bare = re.sub(r"\([^)]*\)", "", methods)
    climate = re.search(r"\b(within|over)\b", bare)
    if step < DAY_H and (climate or not set(_METHOD.findall(bare)) <= set(allowed)):
        raise Unusable(f"variable {name}", "not a value of its hour", methods, "cell_methods of time: mean or point")
    for found in _INTERVAL.finditer(methods):
        # A comment in brackets may be of anything; where it is a span of time it is that of the mean.
        length = UNITS_S.get(found["unit"], 0.0 if found["said"] == "(" else np.inf)
        if float(found["count"]) * length > max(step, 1.0) * HOUR_S:
            raise Unusable(
                f"variable {name}", "a mean over more than its hour", methods, f"an interval up to {step:g} h"
            )
    said = [name, *(text(attrs, attribute) for attribute in ("long_name", "var_desc", "description"))]
    if words := next((words for words in said if STATISTIC.search(words)), ""):
        raise Unusable(f"variable {name}", "not the forecast itself", words, "the field that is forecast")
    words = next((words for words in said if DAILY.search(words)), name if DAILY_NAME.search(name) else "")
    if words and step < DAY_H:
        raise Unusable(f"variable {name}", "not a value of its hour", words, "hourly means, or values at the hour")
