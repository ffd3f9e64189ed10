"""The page of new pollutants: what is measured of the list, statistics that are told or say why not, below limits drawn as such."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from dashboards.components.drawing import Drawing
from dashboards.components.sample_tables import point_table
from dashboards.figures.samples import Sampled, samples
from streams import registry
from streams.laboratory.keeping import keep_samples
from streams.laboratory.reading import read_file
from tests.dashboards import stores
from tests.dashboards.judging.conftest import said, scene_on
from tests.dashboards.test_flat import Asked, whole_reads
from tests.dashboards.test_one_language import texts
from tests.streams.laboratory.tables import as_csv, row

RECEIVED = dt.datetime(2026, 3, 1)
RESULTS = ("2.0", "ND", "4.0", "<0.8", "8.0", "16.0")
ROWS = [
    *(row(sample=f"S{i}", date=f"2026-01-{i + 1:02}", result=result) for i, result in enumerate(RESULTS)),
    *(row(sample=f"P{i}", cas="335-67-1", analyte="PFOA", site="青衣江", city="雅安", result="ND") for i in range(3)),
    row(sample="D1", cas="75-09-2", analyte="二氯甲烷", result="ND", mdl="", loq="", unit="μg/L"),
    row(sample="D2", cas="75-09-2", analyte="二氯甲烷", result="3", mdl="", loq="", unit="μg/L"),
    row(sample="C1", cas="58-08-2", analyte="caffeine"),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("laboratory")
    engine = stores.empty_store(folder)
    stores.fill(engine)
    read = read_file(as_csv(folder / "samples.csv", *ROWS), registry.load(), today=dt.date(2026, 3, 1))
    assert keep_samples(engine, read, now=RECEIVED).accepted == len(ROWS)
    return engine


@pytest.fixture
def drawn(engine, overview):
    """Draw a section: its words."""
    from dashboards.pages import laboratory

    def draw(name, *, empty=False, **asked):
        with engine.connect() as connection:
            scene = scene_on(None if empty else connection, None if empty else stores.NEWEST, **asked)
            return said(getattr(laboratory, name).render(scene))

    return draw


def test_the_list_says_what_is_measured_of_each_of_its_kinds(drawn):
    words = drawn("kinds")
    assert "14 类中 3 类有结果" in words and words.count("尚无结果") == 11
    # Of six results of PFOS two lie below limits; of the three of PFOA all.
    assert re.search(r"全氟辛基磺酸 \|   \| 1763-23-1 \| 地表水 \| 6 \| 67% \| 1 \| 2026-01-01 – 2026-01-06", words)
    assert re.search(r"全氟辛酸 \|   \| 335-67-1 \| 地表水 \| 3 \| 0% \| 1 \| 2026-03-01", words)
    assert "58-08-2" not in words and "凭记忆" in words


def test_statistics_are_told_with_their_intervals(drawn):
    words = drawn("summary", lang="en")
    assert "perfluorooctanesulfonic acid (PFOS) (1763-23-1), surface water" in words
    # By hand, as no limit lies above a value: the third of six is the median, and the mean lies between the values with
    # zeros and with the lowest limit (0.2) for the two below limits: 30 / 6 and 30.4 / 6.
    assert "| 2, 95 % interval" in words and "| 5 to 5.07, 95 % interval of the latter" in words
    assert "67% (4)" in words and "| 0.2 – 0.8 |" in words and "HJ 1333" in words


@pytest.mark.parametrize(
    ("cas", "why"),
    [("335-67-1", "all below limits"), ("75-09-2", "not told: a limit is not said")],
)
def test_what_cannot_be_told_says_why(drawn, cas, why):
    words = drawn("summary", lang="en", params={"cas": cas})
    assert words.count(why) == 3


def test_what_lies_below_a_limit_is_drawn_as_the_whole_reach_below_it(drawn, engine):
    shown = [
        Sampled(dt.date(2026, 1, 1), 5.0, None, "a"), Sampled(dt.date(2026, 1, 11), None, 10.0, "b"),
        Sampled(dt.date(2026, 1, 21), None, None, "c"),
    ]  # fmt: skip
    svg = samples(shown, "ng/L", "title")
    assert svg.count("<circle") == 1
    (reach,) = re.findall(r'd="M([\d.]+) ([\d.]+)V([\d.]+)M', svg)
    # 0 lies at 276 and the top of the scale, 10, at 24: the reach goes from the one to just below the other.
    assert (float(reach[1]), float(reach[2])) == (276.0, 30.0)
    assert "l8 8m0 -8l-8 8" in svg and svg.count("<title>") == 3


def test_the_figure_can_be_taken_with_what_was_drawn(engine, overview):
    from dashboards.components.take import gathered
    from dashboards.pages import laboratory

    with engine.connect() as connection, gathered() as found:
        laboratory.over_time.render(scene_on(connection, stores.NEWEST))
    (figure,) = found
    assert len(figure.rows) == 6 and figure.rows[1][:5] == ["2026-01-02", "黄龙溪", "S1", None, "检出限"]
    assert figure.about.unit == "ng/L" and not figure.about.simulated


def test_each_point_has_its_own_numbers(engine, overview):
    from dashboards.pages import laboratory

    with engine.connect() as connection:
        shown = laboratory.summary.render(scene_on(connection, stores.NEWEST, lang="en"))
    assert "黄龙溪  | Chengdu | 6 | 67%" in " | ".join(texts(shown))


def test_points_are_one_component_however_many_they_are(scene):
    """Dash connects every cell of its own to its state: 4,000 of them hold a browser for minutes."""
    rows = [
        {"point": f"断面 {n}", "city": "510100", "result": 1.0, "below": None, "detection_limit": 0.2,
         "quantification_limit": 0.8, "sampled_on": dt.date(2026, 1, 1)}
        for n in range(600)
    ]  # fmt: skip
    table = point_table(scene, rows, "ng/L")
    assert isinstance(table, Drawing) and table.svg.count("<tr>") == 601


def test_a_reader_who_goes_back_sees_nothing_that_was_not_known_then(drawn):
    early = stores.NEWEST - 5 * stores.HOUR  # years before the file came
    assert "1763-23-1" not in drawn("kinds", hour=early)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_store_and_for_what_is_not_measured_the_page_says_so(drawn, lang):
    for name in ("kinds", "summary", "over_time"):
        assert ("等待数据" if lang == "zh" else "awaiting data") in drawn(name, empty=True, lang=lang)
    assert "cas" in drawn("kinds", lang=lang, params={"cas": "7732-18-5"})


def test_what_an_address_asks_in_vain_is_said_with_what_is_shown_instead(drawn):
    told = drawn("kinds", lang="en", params={"cas": "7732-18-5", "medium": "fog", "point": "x"})
    assert "cas, medium; shown instead: perfluorooctanesulfonic acid (PFOS) (1763-23-1), surface water" in told
    assert "1 parameter that this page does not use" in told
    early = stores.NEWEST - 5 * stores.HOUR  # before any list
    assert "cas; shown instead: no substance" in drawn("kinds", lang="en", hour=early, params={"cas": "1763-23-1"})


def test_every_question_goes_by_an_index(drawn, engine):
    asked = Asked()
    sa.event.listen(engine, "before_cursor_execute", asked)
    try:
        for name in ("kinds", "summary", "over_time"):
            drawn(name)
    finally:
        sa.event.remove(engine, "before_cursor_execute", asked)
    assert any("laboratory_sample" in statement for statement in asked.statements)
    assert whole_reads(engine, asked) == []
