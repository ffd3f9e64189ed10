"""What columns of tables of hours are called, in Chinese and English: times, stations, items and their units."""

from __future__ import annotations

import re

from streams.sources.maps.units import unit_of

_TIMES = (
    "time|datetime|date_time|date time|timestamp|timepoint|time_point|date/time|datetime_utc|datetimeutc|datetime_local"
    "|datetimelocal|时间|监测时间|日期时间|数据时间|采样时间|观测时间|发布时间|时刻|monitortime|hour_end|date"
)
_ROLES = {
    "time": _TIMES,
    "day": "date|day|日期|监测日期|date_local|date local|date gmt|datum|数据日期",
    "hour": "hour|小时|时|时次|hr|time|time_local|time local|time gmt|uhrzeit|监测时间",
    "year": "year|年|年份|yyyy",
    "month": "month|月|月份|mm",
    "date": "day|日|dd",
    "code": "station|station_code|stationcode|code|site_code|sitecode|site_id|siteid|station_id|stationid|location_id"
    "|站点编码|站点编号|点位编码|点位编号|站号|监测点编码|监测点编号|站点代码|站码|编码|编号|mn|设备编号|点位代码",
    "name": "site|name|station_name|stationname|positionname|position_name|location|watchpoint|站点|站点名称|点位|点位名称|监测点"
    "|监测点名称|站名|测站|监测站|监测站点|测点名称|测点",
    "item": "parameter|pollutant|项目|污染物|监测项目|因子|监测因子|指标|species|component|参数|parameter_code|parameter code",
    "value": "value|浓度|监测值|数值|值|measurement|sample_measurement|sample measurement|wert|concentration",
    "unit": "unit|units|单位|units_of_measure|units of measure|einheit",
}
"""Names of columns by what they say, in small letters, joined by |."""
ROLES = {role: frozenset(names.split("|")) for role, names in _ROLES.items()}
_ITEMS = {
    "pm25": r"(pm ?2[._ ]?5|pm2p5|fine particulate matter)(?![0-9a-z.])|细颗粒物",
    "pm10": r"(pm ?10|respirable particulate matter)(?![0-9a-z.])|可吸入颗粒物",
    "so2": r"(so2|sul(f|ph)ur dioxide)(?![0-9a-z.])|二氧化硫",
    "no2": r"(no2|nitrogen dioxide)(?![0-9a-z.])|二氧化氮",
    "co": r"(co|carbon monoxide)(?![0-9a-z.])|一氧化碳",
    "o3": r"(o3|ozone)(?![0-9a-z.])|臭氧",
}
_SYMBOL_BEHIND = re.compile(r"(.+)[(](pm2\.5|pm10|so2|no2|co|o3)[)]")
_HOURLY = re.compile(r"[_ -]?(1h|1小时|小时值?|小时平均|小时浓度|浓度|平均|均值|hourly|mean|value|值)*", re.IGNORECASE)
_UNIT_BEHIND = re.compile(r"(?P<name>.*?)\s*[(\[（【](?P<unit>[^)\]）】]+)[)\]）】]\s*(?P<more>.*)")
_UNIT_ENDING = re.compile(r"(?P<name>.+?)[_ ](?P<unit>ugm3|mgm3|ngm3|ug/m3|mg/m3|ppb|ppm|ug|mg)$", re.IGNORECASE)
_LONGEST = 200
"""Signs of a header that are looked at."""
CODES = {
    "42401": "so2", "42602": "no2", "42101": "co", "44201": "o3", "85101": "pm10", "81102": "pm10", "88101": "pm25",
    "88502": "pm25",
}  # fmt: skip


def unit_and_name(header: str) -> tuple[str, str]:
    """Part a header such as "PM2.5(μg/m³)" or "no2_ppb" into name and unit; the unit is empty where none is there."""
    for form in (_UNIT_BEHIND, _UNIT_ENDING):
        found = form.fullmatch(header.strip()[:_LONGEST])
        if found and unit_of(found["unit"]):
            return f"{found['name']} {found['more']}".strip() if form is _UNIT_BEHIND else found["name"], found[
                "unit"
            ].strip()
    return header.strip(), ""


def item_of(header: str) -> str | None:
    """Tell which item a header names, None where it names none or something made of it: an index, a moving mean, a grade."""
    name = simple_words(unit_and_name(header)[0])
    if behind := _SYMBOL_BEHIND.fullmatch(name):
        name = behind[2] if behind[1] in ("颗粒物", "浓度", "质量浓度") else behind[1]
    for item, known in _ITEMS.items():
        if found := re.match(known, name):
            return item if _HOURLY.fullmatch(name[found.end() :].strip("_ -")) else None
    return None


def simple_words(text: str) -> str:
    """Give a name in small letters and half-width signs, with the subscripts of chemistry as digits and single blanks."""
    return " ".join(text.translate(str.maketrans("₂₃₅₁₀（）＿．", "23510()_.")).casefold().replace("µ", "μ").split())
