"""Chinese and English words of the page of tables: titles of standards, columns, items, averaging periods, rules."""

from __future__ import annotations

import re

from standards.pollutants import POLLUTANTS

TITLES = {
    "HJ 633-2012": "环境空气质量指数（AQI）技术规定（试行）",
    "HJ 633": "环境空气质量指数（AQI）技术规定",
    "GB 3095": "环境空气质量标准",
    "HJ 663-2013": "环境空气质量评价技术规范（试行）",
    "HJ 663": "环境空气质量评价技术规范",
    "HJ 1130": "环境空气质量数值预报技术规范",
    "GB 3838": "地表水环境质量标准",
    "GB/T 8170": "数值修约规则与极限数值的表示和判定",
    "HJ 212": "污染物自动监测监控系统数据传输技术要求",
}
"""Chinese titles by the beginning of a code; the longest beginning that fits counts."""

_COLUMNS = {
    "item": "项目", "period": "平均时间", "unit": "单位", "iaqi": "IAQI", "concentration": "浓度限值",
    "grade1": "一级", "grade2": "二级", "clause": "条款", "confidence": "依据", "tag": "依据", "source": "出处",
    "note": "注", "notes": "注", "rule": "规则", "value": "数值", "level": "级别", "colour": "颜色", "color": "颜色",
    "hex": "颜色", "name_zh": "名称", "name_en": "name", "groups_zh": "敏感人群", "groups_en": "sensitive groups",
    "effect_zh": "对健康影响情况", "advice_zh": "建议采取的措施", "category_zh": "类别", "level_zh": "级别",
    "colour_zh": "颜色", "valid_from": "起", "valid_to": "止", "decimals": "小数位数", "statistic": "统计量",
    "percentile": "百分位数", "weight": "权重", "species": "物种", "class": "类别", "limit": "限值", "days": "天数",
    "hours": "小时数", "condition": "条件", "mir": "MIR", "koh": "k(OH)", "cas": "CAS 号", "carbon": "碳原子数",
    "molar_mass": "摩尔质量", "n": "样本数", "parameter": "参数", "threshold": "阈值", "score": "指标",
    "goal": "目标", "criteria": "准则", "aqi": "AQI", "key": "键", "code": "代码", "title": "标题", "issued": "发布",
}  # fmt: skip
"""Chinese words of columns; a column that is not here is shown by its own name."""

_ITEMS = {
    "tsp": "总悬浮颗粒物 TSP", "nox": "氮氧化物 NOx（以 NO₂ 计）", "pb": "铅 Pb", "bap": "苯并[a]芘 BaP",
    "o3": "臭氧 O₃", "so2": "二氧化硫 SO₂", "no2": "二氧化氮 NO₂", "co": "一氧化碳 CO", "pm10": "颗粒物 PM₁₀",
    "pm25": "细颗粒物 PM₂.₅", "cd": "镉 Cd", "hg": "汞 Hg", "as": "砷 As", "cr6": "六价铬 Cr(VI)", "f": "氟化物 F",
    "f_deposition": "氟化物 F（沉降）",
}  # fmt: skip
_SYMBOLS = {"so2": "SO₂", "no2": "NO₂", "o3": "O₃", "co": "CO", "pm10": "PM₁₀", "pm25": "PM₂.₅"}
_PERIODS = {
    "hour": ("1小时平均", "1 h"), "8h": ("日最大8小时平均", "8 h"), "day": ("24小时平均", "24 h"),
    "month": ("月平均", "month"), "quarter": ("季平均", "quarter"), "year": ("年平均", "year"),
    "half_year": ("半年", "half-year"), "growing_season": ("植物生长季平均", "growing season"),
    "peak_season": ("高峰季节平均", "peak season"), "season": ("4至9月平均", "April to September"),
    "10min": ("10分钟平均", "10 min"), "15min": ("15分钟平均", "15 min"),
}  # fmt: skip
ITEM_ORDER = (*POLLUTANTS, "tsp", "nox", "pb", "bap", "cd", "hg", "as", "cr6", "f", "f_deposition")
PERIOD_ORDER = ("year", "growing_season", "quarter", "month", "day", "8h", "hour")

RULES = {
    "day_min_hours": "日平均：至少多少个小时平均值",
    "eight_hour_min_hours": "8小时平均：至少多少个小时平均值",
    "mda8_min_windows": "日最大8小时平均：至少多少个有效8小时平均值（超标者除外）",
    "mda8_first_end": "自然日内首个8小时平均的结束时刻",
    "city_day_min_share": "城市日值：有效点位的最低比例",
    "city_day_min_share_of_few": "城市日值：点位总数较少时有效点位的最低比例",
    "city_few_stations": "城市点位总数小于此数为较少",
    "month_min_days": "年平均：每月至少多少个日平均值（2月除外）",
    "february_min_days": "年平均：2月至少多少个日平均值",
    "year_min_days": "年平均：至少多少个日平均值",
    "sampled_day_min_hours": "总悬浮颗粒物、苯并[a]芘、铅24小时平均：每日至少多少小时采样时间",
    "sampled_month_min_days": "总悬浮颗粒物、苯并[a]芘、铅：每月至少多少个日平均值",
    "sampled_quarter_min_days": "铅季平均：至少多少个分布均匀的日平均值",
    "sampled_year_min_days": "总悬浮颗粒物、苯并[a]芘、铅年平均：至少多少个分布均匀的日平均值",
    "percentile": "百分位数（日值）",
    "mean_judged": "平均值是否评价",
    "statistic_decimals": "统计值保留小数位数",
    "compliance_decimals": "达标评价保留小数位数",
    "multiple_decimals": "超标倍数小数位数",
    "rate_decimals": "达标率小数位数",
    "index_decimals": "指数小数位数",
    "missing_item": "综合评价：其余项目均达标而有项目缺测或无效时",
    "city_o3_day": "城市臭氧日值的算法",
    "year_months": "年：各月是否均须有效",
    "good_days_aqi_to": "优良天：AQI 不大于",
    "heavy_days_aqi_above": "重污染天：AQI 大于",
    "moving_years": "滑动平均年数",
    "moving_years_min": "滑动平均至少年数",
}
"""Chinese words of rules, as the standards phrase them; a rule that is not here is shown by its name and unit."""

KNOWN = {
    "read": ("", "原文", "compared twice with the document itself"),
    "quoted": ("◐", "转引", "quoted from it by others, or looked at once"),
    "recalled": ("⚠", "凭记忆", "recalled, not seen"),
    "assumed": ("✎", "假定", "assumed, inferred or estimated by us"),
    "other": ("△", "其他", "in another way: measured, computed, practice"),
    "unsaid": ("？", "未说明", "the file does not say"),
}
"""How a value is known: mark beside the value, in Chinese, in English."""


def title_zh(code: str) -> str:
    """Give the Chinese title of a standard by its code, in 《》; "" where it is not known."""
    fitting = [start for start in TITLES if code.startswith(start)]
    return f"《{TITLES[max(fitting, key=len)]}》" if fitting else ""


def column_word(column: str) -> str:
    """Give the heading of a column: Chinese first, then its name in the file."""
    word = _COLUMNS.get(column, "")
    return f"{word} {column}" if word and word.lower() != column.lower() else column


def item_word(item: str) -> str:
    """Give the Chinese name and the symbol of an item, or its code."""
    return _ITEMS.get(item, item)


def symbol(item: str) -> str:
    """Give the symbol of an item as it is printed, or its code."""
    return _SYMBOLS.get(item, item)


def period_word(period: str) -> str:
    """Give an averaging period in Chinese with English beside, or its code."""
    return " ".join(_PERIODS[period]) if period in _PERIODS else period


def unit_word(unit: str) -> str:
    """Write a unit as it is printed: µg/m³ for ug/m3."""
    return re.sub(r"\bm3\b", "m³", unit.replace("ug/", "µg/"))


def rank(order: tuple[str, ...], code: str) -> tuple[int, str]:
    """Give a key that sorts known codes in their order and others after them by name."""
    return (order.index(code) if code in order else len(order), code)
