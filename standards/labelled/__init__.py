"""The functions of standards on labelled data: pandas or xarray in, the same out, with units, edition and clause.

In: DataFrames and Datasets with the columns of NOMENCLATURE.md (so2_ugm3 … pm25_ugm3, co_mgm3). Hours of a DataFrame are
a DatetimeIndex with a time zone, or such a level of a MultiIndex beside station, city or run; hours of a Dataset are its
dimension hour_end, UTC, as streams.store.open_dataset gives them. An hour is named by its END. Natural days are dates
without a time zone, a level or dimension "day". Series and DataArrays stand for one column where a function takes one.

Out: the same kind. attrs carry units, long_name, edition and references (the clause), in a DataFrame as mappings by
column. Where edition is not given, each day is judged by the edition in force on it, and the column edition tells which.
The numbers are those of standards: no formula lives here.
"""

from standards.labelled.events import assess_with_events
from standards.labelled.grades import benchmark_verdicts
from standards.labelled.hours import city_mean, daily_values, mda8, moving_mean, ozone_8h
from standards.labelled.index import daily_aqi, hourly_aqi, iaqi
from standards.labelled.index_scores import event_scores_by_lead, index_scores_by_lead
from standards.labelled.lead_scores import scores_by_lead
from standards.labelled.lines import guidelines, limits
from standards.labelled.model_quality import mqi, mqo
from standards.labelled.periods import assess_period, composite_index, period_named
from standards.labelled.plans import warning_levels
from standards.labelled.rankings import change_ranking, rank
from standards.labelled.reactivity import (
    diagnostic_ratios,
    ofp,
    oh_reactivity,
    photochemical_age,
    propylene_equivalent,
    soa_potential,
    tvoc,
)
from standards.labelled.states import to_reference_state
from standards.labelled.trends import mann_kendall, moving_year_mean, spearman, theil_sen
from standards.labelled.water_indices import cwqi, cwqi_change, cwqi_city, tli
from standards.labelled.waters import assess_sections

__all__ = [
    "assess_period", "assess_sections", "assess_with_events", "benchmark_verdicts", "change_ranking", "city_mean",
    "composite_index", "cwqi",
    "cwqi_change", "cwqi_city", "daily_aqi", "daily_values", "diagnostic_ratios", "event_scores_by_lead", "guidelines",
    "hourly_aqi", "iaqi", "index_scores_by_lead", "limits", "mann_kendall", "mda8", "moving_mean", "moving_year_mean",
    "mqi", "mqo", "ofp", "oh_reactivity", "ozone_8h", "period_named", "photochemical_age", "propylene_equivalent",
    "rank", "scores_by_lead", "soa_potential", "spearman", "theil_sen", "tli", "to_reference_state", "tvoc",
    "warning_levels",
]  # fmt: skip
