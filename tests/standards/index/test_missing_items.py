"""Hours with an item missing: the letter of HJ 633-2026 5.3.1, and what the national network did on the days held.

Published are the AQI and the six 1-hour means of 2018-01-01 (every station), of 2020-04-02 to 08 (four cities, with the
primary pollutant in words) and of 2023-01-20 and 21 (every station). The practice "particle" was found on 2018-01-01;
2020 is held out, and so is 2023-01-21.
"""

import csv
import datetime as dt
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from standards import labelled
from standards.days import day_of_date
from standards.editions import EDITIONS
from standards.index.aqi import hourly_aqi, primary_codes
from standards.index.missing import LETTER, MISSING_RULES, MissingRule, missing_rule, network_rule, network_runs
from standards.pollutants import ITEMS

FOLDER = Path(os.environ.get("AIRSHED_DATA", Path(__file__).parents[4] / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not (FOLDER / "cnemc_2020_spring").is_dir(), reason=f"published values are absent: no folder {FOLDER}"
)
E2012, E2026, _ = EDITIONS
PARTICLE = MISSING_RULES["particle"]
NAN = float("nan")
NAMES = ("SO2", "NO2", "CO", "O3", "PM10", "PM2.5")


def number(cell):
    try:
        return float(cell)
    except ValueError:
        return NAN


def station_days(day):
    """Published (6, station x hour) and AQI of a day of 2023, hours ending 01:00 to 23:00, and 24:00 where it is held."""
    values, aqi = {}, {}
    for file, hours in ((day, range(1, 24)), (day + 1, [0])):
        path = FOLDER / "cnemc_2023_winter" / f"china_sites_{file}.csv"
        if not path.is_file():
            continue
        with open(path, encoding="utf-8-sig", newline="") as text:
            header, *rows = csv.reader(text)
        for _, hour, kind, *cells in rows:
            if int(hour) in hours and kind in (*NAMES, "AQI"):
                into = aqi if kind == "AQI" else values.setdefault(kind, {})
                into |= {(code, file, hour): number(cell) for code, cell in zip(header[3:], cells, strict=False)}
    return np.array([[values[name].get(key, NAN) for key in aqi] for name in NAMES]), np.array(list(aqi.values()))


def new_year_2018():
    with open(FOLDER / "cnemc_2018_transposed" / "china_sites_20180101.csv", encoding="utf-8-sig", newline="") as text:
        _, hours, kinds, *rows = csv.reader(text)
    at = {(kind, hour): i for i, (hour, kind) in enumerate(zip(hours, kinds, strict=True))}
    *values, aqi = (
        np.array([number(row[at[name, str(hour)]]) for row in rows for hour in range(24)]) for name in (*NAMES, "AQI")
    )
    return np.array(values), aqi


def spring_2020():
    """The four cities' rows without repetition: values (6, row), AQI, primary pollutant in words. Cells broken over
    lines are joined."""
    found = {}
    for path in sorted((FOLDER / "cnemc_2020_spring").glob("*.csv")):
        text = re.sub(r'\n(?![^",]+,[^",]+,[^",]+,)', "", path.read_text(encoding="utf-8-sig"))
        for row in csv.DictReader(text.splitlines()):
            found[path.stem, *(cell.strip() for cell in row.values())] = row
    columns = ("SO2", "NO2", "CO", "O3_1h", "PM10", "PM2.5")
    values = np.array([[number(row[name]) for row in found.values()] for name in columns])
    words = [row["PrimaryPollution"].strip() for row in found.values()]
    return values, np.array([number(row["AQI"]) for row in found.values()]), words


def told(values, aqi, rule):
    """Of the hours with one to five items: how many there are, for how many the rule tells rightly whether an index was
    published, and how many of those published are met where the rule gives one."""
    present = np.isfinite(values).sum(axis=0)
    some = (present > 0) & (present < 6)
    ours = hourly_aqi(values[:, some], edition=E2012, missing=rule).aqi
    given, published = np.isfinite(ours), np.isfinite(aqi[some])
    both = given & published
    assert (ours[both] == aqi[some][both]).all()
    return int(some.sum()), int((given == published).sum()), int(both.sum())


@needs_data
def test_in_2018_an_index_was_given_wherever_a_particle_was_there():
    values, aqi = new_year_2018()
    assert told(values, aqi, "particle") == (2055, 1998, 1674)  # 97.2 %
    assert told(values, aqi, "letter") == (2055, 1198, 868)  # 58.3 %


@needs_data
def test_the_practice_of_2018_holds_in_the_days_held_out_of_2020():
    values, aqi, words = spring_2020()
    assert told(values, aqi, "particle") == (255, 252, 249)  # 98.8 %
    assert told(values, aqi, "letter")[1] == 11  # 4.3 %
    report = hourly_aqi(values, edition=E2012, missing=network_rule(dt.date(2020, 4, 2)))
    said = {"颗粒物(PM10)": "pm10", "细颗粒物(PM2.5)": "pm25"}
    short = np.isfinite(report.aqi) & (report.missing > 0) & (report.aqi > 50)
    assert short.sum() > 50
    for i in np.flatnonzero(short):
        assert {said[word] for word in words[i].split()} == set(primary_codes(int(report.primary[i])).split(","))


@needs_data
def test_in_2023_the_network_kept_to_the_letter_more_than_to_what_it_did_before():
    for day, hours, by_letter, by_particle in ((20230120, 1412, 1162, 708), (20230121, 772, 594, 464)):
        values, aqi = station_days(day)
        assert told(values, aqi, "letter")[:2] == (hours, by_letter)  # 82.3 % and 76.9 %
        assert told(values, aqi, "particle")[1] == by_particle  # 50.1 % and 60.1 %


def row(**changed):
    # Indices of NO2 52 and of PM10 60 by HJ 633-2012: below 100.
    values = dict(zip(ITEMS, (8.0, 52.0, 1.1, 40.0, 60.0, 30.0), strict=True)) | changed
    return np.array([values[item] for item in ITEMS])


def test_the_rules_differ_only_where_an_item_is_missing():
    whole = hourly_aqi(row(), edition=E2012)
    assert hourly_aqi(row(), edition=E2012, missing="particle").aqi == whole.aqi == 55
    short = row(so2=NAN)
    assert np.isnan(hourly_aqi(short, edition=E2012).aqi)
    found = hourly_aqi(short, edition=E2012, missing="particle")
    assert (found.aqi, found.level, primary_codes(int(found.primary)), found.missing) == (55, 2, "pm10", 1)
    assert hourly_aqi(row(pm10=NAN), edition=E2012, missing="particle").aqi == 43  # PM2.5 30: 43 by HJ 633-2012
    assert np.isnan(hourly_aqi(row(pm10=NAN, pm25=NAN), edition=E2012, missing="particle").aqi)
    polluted = row(pm10=NAN, pm25=NAN, o3=250.0)
    assert hourly_aqi(polluted, edition=E2012).aqi == 125
    assert np.isnan(hourly_aqi(polluted, edition=E2012, missing="particle").aqi)
    assert np.isnan(hourly_aqi(np.full(6, NAN), edition=E2012, missing="particle").aqi)


def test_an_item_outside_the_plan_is_not_missing_under_any_rule():
    in_plan = [item not in ("pm10", "pm25") for item in ITEMS]
    for rule in MISSING_RULES:
        assert hourly_aqi(row(), edition=E2012, in_plan=in_plan, missing=rule).aqi == 26  # NO2 52 of 200
    any_at_all = MissingRule("any", -1, 0, "made")
    assert hourly_aqi(row(pm10=NAN, pm25=NAN), edition=E2012, missing=any_at_all).aqi == 26


def test_the_practice_is_dated_and_the_letter_is_the_rule_on_every_other_day():
    dated = {"2017-12-30": LETTER, "2017-12-31": PARTICLE, "2020-04-08": PARTICLE, "2020-04-09": LETTER,
             "2023-01-20": LETTER, "2026-03-01": LETTER}  # fmt: skip
    assert {day: network_rule(dt.date.fromisoformat(day)) for day in dated} == dated
    first = day_of_date(dt.date(2017, 12, 29))
    runs = network_runs(first, 900)
    assert [(span.start, rule.name) for span, rule in runs] == [(0, "letter"), (2, "particle"), (832, "letter")]
    assert runs[-1][0].stop == 900 and network_runs(first, 0) == []
    with pytest.raises(ValueError, match="missing is 'strict', expected one of letter, particle"):
        hourly_aqi(row(), edition=E2012, missing="strict")
    assert missing_rule("letter") is LETTER and "read" in LETTER.confidence


def test_labelled_hours_follow_the_network_of_their_day():
    hours = pd.DatetimeIndex(
        ["2020-04-09T00:00", "2020-04-09T01:00", "2026-03-02T01:00"], tz="Asia/Shanghai", name="hour_end"
    )
    columns = ["so2_ugm3", "no2_ugm3", "co_mgm3", "o3_ugm3", "pm10_ugm3", "pm25_ugm3"]
    data = pd.DataFrame([row(so2=NAN)] * 3, index=hours, columns=columns)
    assert labelled.hourly_aqi(data)["aqi"].isna().all()
    found = labelled.hourly_aqi(data, missing="network")
    # The hour that ends at 24:00 of 8 April is the last of the days that the practice is known of.
    np.testing.assert_array_equal(found["aqi"], [55, NAN, NAN])
    assert found["primary_pollutants"].tolist() == ["pm10", "", ""] and found["level"].tolist() == [2, 0, 0]
    assert found.attrs["missing"] == "network" and (found["missing"] == "so2").all()
    np.testing.assert_array_equal(labelled.hourly_aqi(data, missing="particle")["aqi"], [55, 55, 58])
    with pytest.raises(ValueError, match="missing is 'none', expected one of"):
        labelled.hourly_aqi(data, missing="none")
