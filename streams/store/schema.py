"""The tables of the store, each column with what it means; NOMENCLATURE.md is the reader's copy.

Times are UTC without an offset: SQLite knows none, and one convention for both databases is worth more. hour_end is the
end of the averaging hour; day is the natural day in Asia/Shanghai (01:00 to 24:00 by hour ends).
version grows with every assessment of a key; a row is only ever replaced by one of the same or a higher version, so
that the order in which results arrive does not matter.
"""

from __future__ import annotations

import sqlalchemy as sa

from streams.columns import CONCENTRATIONS, DAY_MEANS, HOUR_COUNTS, MEANS, SUSPECT, WEATHER, WIND
from streams.memory.delivery import FILE_DIGITS
from streams.memory.taghours import AXES_DIGITS
from streams.records import SPECIES

metadata = sa.MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"}
)
views = sa.MetaData()
"""What can be read like a table and is made of others (streams/store/views.py)."""


def _floats(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Float) for name in names]


def _verdict() -> list[sa.Column]:
    return [
        sa.Column("aqi", sa.SmallInteger, comment="NULL is NA: not enough valid items"),
        sa.Column("primary_pollutants", sa.String(40), comment="codes joined by commas, empty where AQI <= 50 or NA"),
    ]


_RESTS = {
    "suspect": "items, joined by commas, whose value rests on a suspect one that nobody has reviewed",
    "suspect_means": "the same of its moving means",
}


def _suspect(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.String(40), comment=_RESTS[name]) for name in names]


def _trace() -> list[sa.Column]:
    return [
        sa.Column("edition", sa.String(20), nullable=False, comment="the edition of HJ 633 in force on that day"),
        *_standing(),
    ]


def _standing() -> list[sa.Column]:
    return [
        sa.Column("status", sa.String(11), nullable=False, comment="provisional or reviewed"),
        sa.Column("revision", sa.SmallInteger, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    ]


def _file() -> list[sa.Column]:
    return [
        sa.Column("file_digest", sa.String(FILE_DIGITS), comment="how the SHA-256 of the file begins; see source_file"),
        sa.Column("released_at", sa.DateTime, comment="when the source published or sent it"),
        sa.Column("received_at", sa.DateTime, comment="when the platform received it"),
    ]


def _line() -> sa.Column:
    return sa.Column(
        "line", sa.Integer, comment="line of the file, or column, that the row stands in; 0 where not known"
    )


def _species(text: str, comment: str) -> list[sa.Column]:
    return [
        sa.Column(text, sa.Text, nullable=False, comment=comment),
        sa.Column("n_species", sa.SmallInteger, nullable=False, comment="species with a value"),
        sa.Column("n_below", sa.SmallInteger, nullable=False, comment="species below their detection limit"),
    ]


def _upwind() -> sa.Column:
    return sa.Column(
        "upwind_weights", sa.Text,
        comment="JSON: weight, 0 to 1, of each city that lies upwind in this wind; NULL where there is no wind or it is calm",
    )  # fmt: skip


def _emitted() -> list[sa.Column]:
    return _floats(*(f"{s}_kgh" for s in SPECIES))


def _key(name: str, kind: sa.types.TypeEngine) -> sa.Column:
    return sa.Column(name, kind, primary_key=True)


air_station_hour = sa.Table(
    "air_station_hour", metadata,
    _key("station", sa.String(24)), _key("hour_end", sa.DateTime),
    sa.Column("city", sa.String(12), comment="NULL where the station is in none of the registry's cities"),
    *_floats(*CONCENTRATIONS, *MEANS), *_verdict(),
    sa.Column("flags", sa.String(400), comment="quality flags such as spike:pm25, by blanks"),
    sa.Column("source", sa.String(40)), *_file(), _line(), *_trace(), *_suspect(*SUSPECT),
)  # fmt: skip

air_city_hour = sa.Table(
    "air_city_hour", metadata,
    _key("city", sa.String(12)), _key("hour_end", sa.DateTime),
    *_floats(*CONCENTRATIONS, *MEANS), *_verdict(),
    sa.Column("stations_reporting", sa.SmallInteger), sa.Column("stations_expected", sa.SmallInteger),
    sa.Column("completeness", sa.Float, comment="share of station x item values present, 0 to 1"),
    *_floats(*WIND), _upwind(), *_trace(), *_suspect(*SUSPECT),
)  # fmt: skip

air_station_day = sa.Table(
    "air_station_day", metadata,
    _key("station", sa.String(24)), _key("day", sa.Date), sa.Column("city", sa.String(12)),
    *_floats(*DAY_MEANS), *[sa.Column(n, sa.SmallInteger) for n in HOUR_COUNTS], *_verdict(), *_trace(), *_suspect(SUSPECT[0]),
)  # fmt: skip

air_city_day = sa.Table(
    "air_city_day", metadata,
    _key("city", sa.String(12)), _key("day", sa.Date),
    *_floats(*DAY_MEANS), *_verdict(),
    sa.Column("stations_valid", sa.SmallInteger, comment="NULL: a daily value that was published, not computed from hours"),
    sa.Column("stations_expected", sa.SmallInteger),
    sa.Column("completeness", sa.Float), *_trace(), *_suspect(SUSPECT[0]),
)  # fmt: skip

forecast_city_hour = sa.Table(
    "forecast_city_hour", metadata,
    _key("city", sa.String(12)), _key("hour_end", sa.DateTime),
    sa.Column("run", sa.String(40), primary_key=True, comment="MODEL/YYYY-MM-DDTHHZ"),
    sa.Column("run_init", sa.DateTime, nullable=False),
    sa.Column("lead_hours", sa.SmallInteger, nullable=False), sa.Column("lead_day", sa.SmallInteger, nullable=False),
    *_floats(*(f"forecast_{name}" for name in CONCENTRATIONS)), sa.Column("forecast_aqi", sa.SmallInteger),
    sa.Column("points", sa.SmallInteger, nullable=False,
              comment="assessment points that count in the hour and for which the run has values: the means are over these"),
    *_floats(*WEATHER), _upwind(),
    sa.Column("edition", sa.String(20), nullable=False, comment="the edition of HJ 633 in force on that day"),
    *_file(), sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_forecast_city_hour_city", "city", "run_init", "run"),
)  # fmt: skip

emission_city_hour = sa.Table(
    "emission_city_hour", metadata,
    _key("city", sa.String(12)), sa.Column("hour_end", sa.DateTime, primary_key=True, index=True),
    sa.Column("inventory", sa.String(40)), *_emitted(),
    sa.Column("sectors", sa.Text, comment="JSON of emissions [kg/h] by sector and species"), *_file(),
    sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
)  # fmt: skip

forecast_station_hour = sa.Table(
    "forecast_station_hour", metadata,
    _key("station", sa.String(24)), _key("hour_end", sa.DateTime), _key("run", sa.String(40)),
    sa.Column("city", sa.String(12)), sa.Column("lead_hours", sa.SmallInteger),
    *_floats(*(f"forecast_{name}" for name in CONCENTRATIONS)), sa.Column("forecast_aqi", sa.SmallInteger), *_file(),
    sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
)  # fmt: skip

tag_hour = sa.Table(
    "tag_hour", metadata,
    sa.Column("place", sa.String(24), primary_key=True, comment="station, or city: the mean over its assessment points"),
    _key("hour_end", sa.DateTime),
    sa.Column("run", sa.String(40), primary_key=True, comment="MODEL/YYYY-MM-DDTHHZ"),
    sa.Column("axes", sa.String(AXES_DIGITS), primary_key=True, comment="what is told, and in which order; see tag_axes"),
    sa.Column("city", sa.String(12), comment="NULL where the station is in none of the registry's cities"),
    sa.Column("lead_hours", sa.SmallInteger, nullable=False),
    sa.Column("packed", sa.Text, nullable=False,
              comment="base64 of zlib of half precision by quantity and contributor (streams.memory.taghours); empty: none"),
    sa.Column("points", sa.SmallInteger, comment="assessment points in the mean over a city; NULL at a station"),
    *_file(), sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
)  # fmt: skip

KEPT_LEAD_H = 24
"""Leads up to this [h] are kept for good (streams.store.tag_retention)."""
_LONG_LEAD = tag_hour.c.lead_hours > KEPT_LEAD_H
_LONG_LEADS = sa.Index(
    "ix_tag_hour_long_leads", tag_hour.c.hour_end, sqlite_where=_LONG_LEAD, postgresql_where=_LONG_LEAD
)
"""The rows that will be thinned: nobody has to look through those that stay."""

tag_axes = sa.Table(
    "tag_axes", metadata,
    _key("axes", sa.String(AXES_DIGITS)),
    sa.Column("definition", sa.String(12), nullable=False, comment="allocation: parts of the whole; removal: less without it"),
    sa.Column("quantities", sa.Text, nullable=False, comment="JSON: the quantities in their order (streams.contributors)"),
    sa.Column("contributors", sa.Text, nullable=False, comment="JSON: pairs of sector and place in their order"),
    sa.Column("version", sa.BigInteger, nullable=False),
)  # fmt: skip

voc_station_hour = sa.Table(
    "voc_station_hour", metadata,
    _key("station", sa.String(24)), _key("hour_end", sa.DateTime),
    sa.Column("city", sa.String(12), comment="NULL where the station is in none of the registry's cities"),
    *_species("species_ppb", 'JSON of mixing ratios [ppb] by compound; "<0.02" is below the detection limit 0.02'),
    sa.Column("total_ppb", sa.Float, comment="sum of the values"),
    sa.Column("ofp_ugm3", sa.Float, comment="ozone formation potential [ug O3/m3]"),
    sa.Column("ofp_species", sa.SmallInteger, comment="compounds with a value and a coefficient"),
    sa.Column("ofp_mass_share", sa.Float, comment="share of the measured mass that has a coefficient, 0 to 1"),
    sa.Column("oh_reactivity_per_s", sa.Float, comment="loss rate of OH [1/s]"),
    sa.Column("oh_reactivity_species", sa.SmallInteger), sa.Column("oh_reactivity_mass_share", sa.Float),
    sa.Column("source", sa.String(40)), *_file(), _line(), *_standing(),
)  # fmt: skip

composition_station_hour = sa.Table(
    "composition_station_hour", metadata,
    _key("station", sa.String(24)), _key("hour_end", sa.DateTime), _key("averaging_h", sa.SmallInteger),
    _key("species_kind", sa.String(7)),
    sa.Column("city", sa.String(12), comment="NULL where the station is in none of the registry's cities"),
    *_species("species_ugm3", 'JSON of concentrations [ug/m3] by species; "<0.05" is below the detection limit 0.05'),
    sa.Column("total_ugm3", sa.Float, comment="sum of the values"),
    sa.Column("source", sa.String(40)), *_file(), _line(), *_standing(),
)  # fmt: skip

episode_event = sa.Table(
    "episode_event", metadata,
    sa.Column("episode", sa.String(40), primary_key=True, comment="kind and start, for instance haze/2023-01-20T05Z"),
    sa.Column("kind", sa.String(8), nullable=False, comment="haze or ozone"),
    sa.Column("start", sa.DateTime, nullable=False), sa.Column("peak", sa.DateTime), sa.Column("end", sa.DateTime),
    sa.Column("phase", sa.String(10), nullable=False, comment="growing, easing, ended, or withdrawn by a revision"),
    sa.Column("peak_value_ugm3", sa.Float), sa.Column("peak_city", sa.String(12)),
    sa.Column("growth_ugm3_per_h", sa.Float, comment="mean rise of the region's highest value from start to peak"),
    sa.Column("cities", sa.Text, comment="in the order in which they joined, with the hour each joined"),
    sa.Column("city_hours", sa.Integer, comment="city-hours above the limit"),
    sa.Column("edition", sa.String(20), nullable=False), sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_episode_event_kind", "kind", "start"),
)  # fmt: skip

model_hour = sa.Table(
    "model_hour", metadata,
    _key("city", sa.String(12)), _key("hour_end", sa.DateTime),
    sa.Column("run", sa.String(40), primary_key=True, comment="the run that was scored; empty: the hour without a forecast"),
    sa.Column("model", sa.String(40), primary_key=True, comment="name of the scorer"),
    sa.Column("quantity", sa.String(40), primary_key=True, comment="what it gives, with its unit"),
    sa.Column("value", sa.Float), sa.Column("model_version", sa.String(40), nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
)  # fmt: skip

attribution = sa.Table(
    "attribution", metadata,
    _key("city", sa.String(12)), _key("hour_end", sa.DateTime),
    sa.Column("quantity", sa.String(4), primary_key=True, comment="pm25, o3, or ox: O3 + NO2 as O3"),
    sa.Column("span", sa.String(8), primary_key=True,
              comment="hour; day; mda8: the hours of the largest 8-hour mean of ozone; episode: up to this hour"),
    sa.Column("first_hour", sa.DateTime, nullable=False, comment="end of the first hour of the span"),
    sa.Column("total", sa.Float, comment="what is shared out [ug/m3]; NULL where it is not known"),
    sa.Column("observed", sa.Boolean, nullable=False, comment="whether the total was observed in each hour of the span"),
    sa.Column("cities", sa.Text, nullable=False, comment="codes of the cities in the order of packed, by commas"),
    sa.Column("packed", sa.Text,
              comment="contributions and half widths (streams.store.attribution); NULL where there is no attribution"),
    sa.Column("removal", sa.Text, comment="by how much less there would be without each source; NULL where not told"),
    sa.Column("definition", sa.String(12), nullable=False, comment="of packed: allocation, parts of the whole"),
    sa.Column("tier", sa.String(16), nullable=False, comment="what it rests on: corrected tags to inventory shares, none"),
    sa.Column("confidence", sa.String(6), nullable=False, comment="high, medium, low, poor; none: no attribution"),
    sa.Column("reasons", sa.Text, nullable=False, comment="JSON: why the confidence is no higher, as keys with values"),
    sa.Column("summary_zh", sa.Text, comment="in Chinese words; NULL for hours"),
    sa.Column("summary_en", sa.Text, comment="in English words; NULL for hours"),
    sa.Column("models", sa.Text, nullable=False, comment="models and their runs, first and last of the span"),
    sa.Column("learned_from", sa.DateTime, comment="end of the first hour that the correction was learned from"),
    sa.Column("learned_to", sa.DateTime, comment="end of the last hour that the correction was learned from"),
    sa.Column("inventory", sa.String(40), comment="version of the emission inventory in force at the end of the span"),
    sa.Column("method", sa.String(40), nullable=False, comment="name and version of the method"),
    sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
)  # fmt: skip

scenario = sa.Table(
    "scenario", metadata,
    _key("city", sa.String(12)),
    sa.Column("run_init", sa.DateTime, primary_key=True, comment="start of the newest run of tags that was known"),
    sa.Column("hour_end", sa.DateTime, primary_key=True, comment="end of the last hour of the window"),
    sa.Column("quantity", sa.String(4), primary_key=True, comment="pm25, or o3: of the afternoons"),
    sa.Column("measure", sa.String(16), primary_key=True,
              comment="level:1 to level:3 of the plan; traffic:0.5: share off the roads; free: of any sector and place"),
    sa.Column("kind", sa.String(6), nullable=False, comment="ahead: of hours to come; since: of hours gone by"),
    sa.Column("first_hour", sa.DateTime, nullable=False, comment="end of the first hour in which the measure holds"),
    sa.Column("plan", sa.String(40), nullable=False, comment="whose levels they are"),
    sa.Column("asked", sa.SmallInteger, comment="level that the plan's rules ask of the city; 0 for none, NULL: not known"),
    *_floats("level", "change", "low", "high"),
    sa.Column("unanswered", sa.String(16), comment="why there is no answer, as a key; NULL where there is one"),
    sa.Column("packed", sa.Text, comment="of free: changes by sector, place and share (streams.store.scenarios)"),
    sa.Column("definition", sa.String(12), nullable=False, comment="removal: what is gone is gone; it does not add up"),
    sa.Column("models", sa.Text, nullable=False, comment="the tagged models"),
    sa.Column("method", sa.String(40), nullable=False, comment="name and version of the method"),
    sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
)  # fmt: skip

normalised_month = sa.Table(
    "normalised_month", metadata,
    _key("city", sa.String(12)), _key("item", sa.String(4)),
    sa.Column("month", sa.Date, primary_key=True, comment="its first day"),
    sa.Column("observed", sa.Float, 
              comment="mean of the hours with weather [unit of the item]; of ozone those ending 13:00 to 21:00"),
    sa.Column("normalised", sa.Float, comment="the same in the usual weather of the season; NULL where not told"),
    *_floats("low", "high"),
    sa.Column("hours", sa.SmallInteger, nullable=False, comment="hours behind the means"),
    sa.Column("skill", sa.Float, comment="R2 of fortnights that the models had not seen; NULL where there is no model"),
    sa.Column("unanswered", sa.String(16), comment="why nothing is told: hours, skill, record, weather; NULL where something is"),
    sa.Column("record_first", sa.Date, comment="first day that the models learned from"), sa.Column("record_last", sa.Date),
    sa.Column("model", sa.String(40), nullable=False, comment="how the SHA-256 of what the models are made of begins"),
    sa.Column("weather", sa.String(80), nullable=False, comment="whose weather stands beside the hours: model and leads"),
    sa.Column("method", sa.String(40), nullable=False, comment="name and version of the method"),
    sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
)  # fmt: skip

laboratory_sample = sa.Table(
    "laboratory_sample", metadata,
    sa.Column("point", sa.String(40), primary_key=True, comment="where the sample was taken, as the file calls it"),
    _key("sampled_on", sa.Date), sa.Column("sample", sa.String(40), primary_key=True, comment="number of the sample"),
    sa.Column("cas", sa.String(12), primary_key=True, comment="CAS number of the substance, its check digit verified"),
    sa.Column("method", sa.String(60), primary_key=True, comment="method of the analysis; empty where the file says none"),
    sa.Column("city", sa.String(12), comment="NULL where the file names none of the registry's cities"),
    sa.Column("medium", sa.String(16), nullable=False, comment="what was sampled (standards.laboratory.media)"),
    sa.Column("substance", sa.String(120), nullable=False, comment="as the file calls it"),
    sa.Column("result", sa.Float, comment="[unit]; NULL where it lies below a limit: nobody puts a number in its place"),
    sa.Column("below", sa.String(14), comment="detection or quantification: below which limit it lies; NULL where a result is"),
    sa.Column("detection_limit", sa.Float, comment="[unit]; NULL where the file says none"),
    sa.Column("quantification_limit", sa.Float, comment="[unit]; NULL where the file says none"),
    sa.Column("unit", sa.String(12), nullable=False, comment="unit of the medium: ng/L, ng/g or ng/m3"),
    sa.Column("reported", sa.String(40), nullable=False, comment='the result as it stands in the file, for instance "<0.02"'),
    sa.Column("reported_unit", sa.String(20), nullable=False, comment="its unit as it stands in the file"),
    sa.Column("laboratory", sa.String(80), comment="NULL where the file names none"),
    *_file(), _line(),
    sa.Column("withdrawn", sa.Boolean, nullable=False, comment="its file was retracted and nothing is known from before"),
    sa.Column("simulated", sa.Boolean, nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_laboratory_sample_cas", "cas", "medium", "sampled_on"),
    sa.Index("ix_laboratory_sample_file_digest", "file_digest"),
)  # fmt: skip
bench_request = sa.Table(
    "bench_request", metadata,
    _key("id", sa.String(32)),
    sa.Column("kind", sa.String(24), nullable=False, comment="kind of work: composition, receptor, ekma, ..."),
    sa.Column("station", sa.String(40), nullable=False, comment="of which super-site"),
    sa.Column("question", sa.Text, nullable=False, comment="what was asked, as canonical JSON"),
    sa.Column("asked_by", sa.String(80), nullable=False), sa.Column("asked_at", sa.DateTime, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, comment="queued, running, done, cancelled or failed"),
    sa.Column("cancel", sa.Boolean, nullable=False, comment="somebody wants it to end"),
    sa.Column("progress", sa.Float, nullable=False, comment="share of the work done, 0 to 1"),
    sa.Column("step", sa.String(40), nullable=False, comment="what is being done, a word of the catalogue; empty before it runs"),
    sa.Column("reason", sa.String(400), comment="why it failed, or ended without an answer"),
    sa.Column("runner", sa.String(120), comment="machine and process that has it in hand"),
    sa.Column("started_at", sa.DateTime), sa.Column("beat_at", sa.DateTime, comment="when its process last gave a sign"),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("deaths", sa.SmallInteger, nullable=False, comment="how often its process ended under it"),
    sa.Column("result", sa.String(64), comment="digest of its bench_result"),
    sa.Index("ix_bench_request_state", "state", "asked_at"),
    sa.Index("ix_bench_request_asked_at", "asked_at"),
    sa.Index("ix_bench_request_station", "station", "asked_at"),
)  # fmt: skip
"""What the bench was asked (streams.store.bench_requests)."""

bench_result = sa.Table(
    "bench_result", metadata,
    sa.Column("digest", sa.String(64), primary_key=True,
              comment="SHA-256 of kind, question, inputs, settings and software: the same question has the same answer"),
    sa.Column("kind", sa.String(24), nullable=False), sa.Column("station", sa.String(40), nullable=False),
    sa.Column("first_hour", sa.DateTime, nullable=False), sa.Column("last_hour", sa.DateTime, nullable=False),
    sa.Column("question", sa.Text, nullable=False, comment="what was asked, as canonical JSON"),
    sa.Column("inputs", sa.String(64), nullable=False, comment="SHA-256 of the rows that were read"),
    sa.Column("settings", sa.Text, nullable=False, comment="every setting in force, as canonical JSON"),
    sa.Column("software", sa.String(120), nullable=False, comment="method and its version; mechanism, where one is used"),
    sa.Column("edition", sa.String(40), nullable=False, comment="edition of tables of standards that decide numbers; may be empty"),
    sa.Column("simulated", sa.Boolean, nullable=False, comment="some input is simulated"),
    sa.Column("made_at", sa.DateTime, nullable=False), sa.Column("cpu_s", sa.Float, nullable=False),
    sa.Column("size", sa.Integer, nullable=False, comment="bytes of result"),
    sa.Column("result", sa.LargeBinary, nullable=False, comment="zlib of JSON"),
    sa.Column("used_at", sa.DateTime, nullable=False, index=True, comment="when it was last asked for"),
    sa.Index("ix_bench_result_station", "station", "kind", "made_at"),
)  # fmt: skip
"""What the bench found out, with all that it rests on (streams.store.bench_results)."""

rejected = sa.Table(
    "rejected", metadata,
    _key("id", sa.String(40)), sa.Column("source", sa.String(40), nullable=False), sa.Column("file", sa.String(200)),
    sa.Column("position", sa.String(200)), sa.Column("hour_end", sa.DateTime), sa.Column("reason", sa.String(200)),
    sa.Column("value", sa.String(200)), sa.Column("expected", sa.String(200)),
    sa.Column("rows", sa.Integer, nullable=False), sa.Column("set_aside", sa.Boolean, nullable=False),
    sa.Column("received_at", sa.DateTime),
    sa.Index("ix_rejected_set_aside", "set_aside", "received_at", "id"),
    sa.Index("ix_rejected_hour_end", "set_aside", "hour_end"),
    sa.Index("ix_rejected_source", "source", "set_aside", "received_at", "id"),
)  # fmt: skip


def _counts() -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in COUNTS]


COUNTS = ("rows_in", "accepted", "duplicate", "late", "rejected")
BY_FILE = ("accepted", "duplicate", "late")
"""What became of the rows of a file that were passed on."""

source_hour = sa.Table(
    "source_hour", metadata,
    _key("source", sa.String(40)),
    sa.Column("hour_end", sa.DateTime, primary_key=True, comment="1970-01-01 where the hour could not be read"),
    *_counts(),
    sa.Column("first_received_at", sa.DateTime), sa.Column("last_received_at", sa.DateTime),
)  # fmt: skip

ACCOUNTED = source_hour.c.accepted + source_hour.c.duplicate + source_hour.c.late + source_hour.c.rejected
"""What became of the rows of a source and hour; the books balance where it equals rows_in."""

IS_OPEN = source_hour.c.rows_in != ACCOUNTED
_OPEN_HOURS = sa.Index(
    "ix_source_hour_open", source_hour.c.source, source_hour.c.hour_end, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN
)
"""The few hours whose books do not balance: nobody has to look through those that do."""

source_total = sa.Table(
    "source_total", metadata,
    _key("source", sa.String(40)), *_counts(),
    sa.Column("newest_hour", sa.DateTime, comment="NULL where no hour could be read"),
    sa.Column("last_received_at", sa.DateTime),
)  # fmt: skip
"""source_hour added up, in the transaction that adds to it: what a page shows of all time costs the same after years."""

source_file = sa.Table(
    "source_file", metadata,
    sa.Column("digest", sa.String(64), primary_key=True, comment="SHA-256 of the file's content"),
    sa.Column("file", sa.String(400), primary_key=True, comment="as it was called where it was read"),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("first_hour", sa.DateTime), sa.Column("last_hour", sa.DateTime),
    sa.Column("rows_in", sa.BigInteger, nullable=False, comment="each time it came, as the other counts"),
    sa.Column("rejected", sa.BigInteger, nullable=False),
    *[sa.Column(name, sa.BigInteger, comment="NULL where it was not counted by file") for name in BY_FILE],
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("released_at", sa.DateTime, comment="when the source published or sent it"),
    sa.Column("received_at", sa.DateTime, nullable=False, comment="when it first came"),
    sa.Index("ix_source_file_source", "source", "last_hour", "first_hour"),
    sa.Index("ix_source_file_received_at", "source", "received_at", "file"),
)  # fmt: skip

row_history = sa.Table(
    "row_history", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("table", sa.String(40), nullable=False),
    sa.Column("key", sa.String(80), nullable=False), sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("row", sa.Text, nullable=False, comment="the superseded row as JSON"),
    sa.Column("superseded_at", sa.DateTime, nullable=False),
    sa.UniqueConstraint("table", "key", "version"),
)  # fmt: skip

REVISED = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "voc_station_hour",
           "composition_station_hour")  # fmt: skip
"""Tables whose replaced rows are kept in row_history, where the status or the revision changes."""

CORRECTED = {"air_station_hour": CONCENTRATIONS, "voc_station_hour": ("species_ppb",),
             "composition_station_hour": ("species_ugm3",)}  # fmt: skip
"""By table what of a row is as its source gave it: where that changes the replaced row is kept too."""

topic_position = sa.Table(
    "topic_position", metadata,
    _key("topic", sa.String(80)), _key("segment", sa.String(200)),
    sa.Column("stored_at", sa.DateTime, nullable=False, index=True),
)  # fmt: skip

feeder = sa.Table(
    "feeder", metadata,
    sa.Column("feeder", sa.String(32), primary_key=True, comment="name of a data directory (its identity/identity.toml)"),
    sa.Column("folder", sa.String(1000), nullable=False, comment="where it lay when it last began to feed the store"),
    sa.Column("host", sa.String(255), nullable=False, comment="on which machine that was"),
    sa.Column("first_at", sa.DateTime, nullable=False), sa.Column("last_at", sa.DateTime, nullable=False),
    sa.Column("handed_over_at", sa.DateTime, comment="NULL for the one directory that feeds the store"),
    sa.Column("why", sa.String(400), comment="what was said when it took the store over"),
)  # fmt: skip

feeding = sa.Table(
    "feeding", metadata,
    sa.Column("one", sa.SmallInteger, primary_key=True, autoincrement=False, comment="1: there is one row"),
    sa.Column("turn", sa.String(32), comment="the last turn in which the store was fed (identity/turns of the directory)"),
    sa.Column("host", sa.String(255), comment="machine of the process whose turn it is"),
    sa.Column("machine", sa.String(100), comment="its start and space of process ids: where they are the same, the pid tells"),
    sa.Column("pid", sa.BigInteger), sa.Column("born", sa.String(40), comment="when the process began, by its machine's count"),
    sa.Column("beats", sa.BigInteger, nullable=False, comment="grows while the process lives"),
    sa.Column("held", sa.Boolean, nullable=False, comment="false once the process has let go"),
    sa.Column("stamp", sa.BigInteger, nullable=False, comment="newest stamp of who fed it: versions of the next one stand above"),
)  # fmt: skip

air_joined_hour = sa.Table(
    "air_joined_hour", views,
    _key("city", sa.String(12)), _key("hour_end", sa.DateTime),
    sa.Column("run", sa.String(40), primary_key=True,
              comment="MODEL/YYYY-MM-DDTHHZ; empty: the hour without a forecast"),
    sa.Column("run_init", sa.DateTime),
    sa.Column("lead_hours", sa.SmallInteger), sa.Column("lead_day", sa.SmallInteger),
    *_floats(*CONCENTRATIONS), *_verdict(),
    *_floats(*(f"forecast_{name}" for name in CONCENTRATIONS)), sa.Column("forecast_aqi", sa.SmallInteger),
    *_floats(*WEATHER), *_emitted(), *_floats(*(f"upwind_{s}_kgh" for s in SPECIES)),
    sa.Column("wind_source", sa.String(10), comment="forecast, stations, or empty where no wind is known"),
    sa.Column("sectors", sa.Text, comment="only where run is empty: JSON of emissions [kg/h] by sector and species"),
    sa.Column("inventory", sa.String(40)),
    sa.Column("completeness", sa.Float, comment="share of the three feeds present: observation, forecast, emission"),
    *_trace(), *_suspect(SUSPECT[0]),
)  # fmt: skip
