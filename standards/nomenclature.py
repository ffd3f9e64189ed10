"""What each column of the store is called in a dataset: CF standard names, units, names in English and Chinese."""

from __future__ import annotations

from typing import Any

from standards.pollutants import POLLUTANTS

_CHEMICALS = {
    "so2": "sulfur_dioxide",
    "no2": "nitrogen_dioxide",
    "co": "carbon_monoxide",
    "o3": "ozone",
    "pm10": "pm10_ambient_aerosol_particles",
    "pm25": "pm2p5_ambient_aerosol_particles",
}
_SPECIES_ZH = {
    "so2": "二氧化硫", "nox": "氮氧化物", "co": "一氧化碳", "nh3": "氨", "voc": "挥发性有机物", "pm25": "细颗粒物",
    "pm10": "可吸入颗粒物",
}  # fmt: skip
_AVERAGES = {
    "_24h": ("24-hour moving mean of ", "24小时滑动平均", "mean over the 24 hours that end with the hour"),
    "_8h": ("8-hour moving mean of ", "8小时滑动平均", "mean over the 8 hours that end with the hour"),
    "_8h_max": (
        "largest 8-hour mean of the day so far of ",
        "当日截至目前8小时滑动平均最大值",
        "maximum of 8-hour means",
    ),
    "_mda8": ("daily maximum 8-hour mean of ", "日最大8小时平均", "maximum of 8-hour means"),
    "": ("", "", ""),
}
_OTHERS: dict[str, dict[str, Any]] = {
    "aqi": {"units": "1", "long_name": "air quality index", "long_name_zh": "环境空气质量指数"},
    "forecast_aqi": {"units": "1", "long_name": "forecast air quality index", "long_name_zh": "预报环境空气质量指数"},
    "primary_pollutants": {"long_name": "primary pollutants, by commas", "long_name_zh": "首要污染物"},
    "flags": {"long_name": "quality flags as kind:item, by blanks", "long_name_zh": "质控标记"},
    "suspect": {"long_name": "items whose value rests on a suspect one, by commas", "long_name_zh": "含存疑数据的项目"},
    "suspect_means": {
        "long_name": "items whose moving means rest on suspect values, by commas", "long_name_zh": "滑动平均含存疑数据的项目",
    },
    "source": {"long_name": "feed that brought the observation", "long_name_zh": "数据来源"},
    "file_digest": {"long_name": "how the SHA-256 of the file begins", "long_name_zh": "文件SHA-256前15位"},
    "line": {
        "units": "1", "long_name": "line of the file, or column, that holds the row; 0 where not known", "long_name_zh": "文件行号",
    },
    "released_at": {"long_name": "when the source published or sent it", "long_name_zh": "来源发布时间"},
    "received_at": {"long_name": "when the platform received it", "long_name_zh": "平台接收时间"},
    "file": {"long_name": "name of the file", "long_name_zh": "文件名"},
    "edition": {"long_name": "edition of HJ 633 behind the index", "long_name_zh": "标准版本"},
    "status": {"long_name": "provisional or reviewed", "long_name_zh": "审核状态"},
    "revision": {"units": "1", "long_name": "number of the revision", "long_name_zh": "修订号"},
    "version": {"units": "1", "long_name": "number of the assessment of this row", "long_name_zh": "评价版本号"},
    "simulated": {"long_name": "whether simulated data contributed", "long_name_zh": "是否含模拟数据"},
    "completeness": {"units": "1", "long_name": "share of the expected values present", "long_name_zh": "数据完整率"},
    "stations_reporting": {"units": "1", "long_name": "assessment points with data", "long_name_zh": "有数据评价点数"},
    "stations_valid": {"units": "1", "long_name": "assessment points with a valid day", "long_name_zh": "有效评价点数"},
    "stations_expected": {"units": "1", "long_name": "assessment points of the city", "long_name_zh": "应有评价点数"},
    "city": {"long_name": "six-digit division code of the city", "long_name_zh": "城市行政区划代码"},
    "station": {"long_name": "station code", "long_name_zh": "站点编码", "cf_role": "timeseries_id"},
    "run": {"long_name": "forecast run, empty where none", "long_name_zh": "预报批次"},
    "run_init": {
        "standard_name": "forecast_reference_time", "long_name": "start of the run", "long_name_zh": "起报时间",
    },
    "lead_hours": {
        "standard_name": "forecast_period", "units": "hours", "long_name": "hours since the start of the run",
        "long_name_zh": "预报时效",
    },
    "lead_day": {"units": "days", "long_name": "natural days since the day of issue", "long_name_zh": "预报天数"},
    "wind_u_ms": {
        "standard_name": "eastward_wind", "units": "m s-1", "long_name": "eastward wind", "long_name_zh": "东向风速",
    },
    "wind_v_ms": {
        "standard_name": "northward_wind", "units": "m s-1", "long_name": "northward wind", "long_name_zh": "北向风速",
    },
    "temperature_c": {
        "standard_name": "air_temperature", "units": "degree_Celsius", "long_name": "air temperature",
        "long_name_zh": "气温",
    },
    "humidity_pct": {
        "standard_name": "relative_humidity", "units": "%", "long_name": "relative humidity",
        "long_name_zh": "相对湿度",
    },
    "mixing_height_m": {
        "standard_name": "atmosphere_boundary_layer_thickness", "units": "m", "long_name": "mixing height",
        "long_name_zh": "边界层高度",
    },
    "rain_mm": {
        "standard_name": "lwe_thickness_of_precipitation_amount", "units": "mm", "long_name": "rain of the hour",
        "long_name_zh": "小时降水量",
    },
    "points": {"units": "1", "long_name": "assessment points that the mean is over", "long_name_zh": "参与平均评价点数"},
    "upwind_weight": {
        "units": "1", "long_name": "weight of a city that lies upwind in the wind of the hour", "long_name_zh": "上风向城市权重",
    },
    "upwind_city": {"long_name": "division code of a city that may lie upwind", "long_name_zh": "上风向城市代码"},
    "place": {"long_name": "station, or city as the mean over its assessment points", "long_name_zh": "站点或城市(评价点平均)"},
    "axes": {"long_name": "what is told, and in which order", "long_name_zh": "物种与来源的排列编号"},
    "packed": {"long_name": "contributions by quantity and contributor, packed", "long_name_zh": "打包的来源贡献"},
    "contributing_sector": {"long_name": "sector that contributes, * for all", "long_name_zh": "贡献行业，*为全部"},
    "origin": {"long_name": "place that contributes, * for all, or outside", "long_name_zh": "来源地，*为全部，outside为域外"},
    "span": {"long_name": "hour, day, mda8 or episode, each ending with hour_end", "long_name_zh": "时段类型"},
    "first_hour": {"long_name": "end of the first hour of the span", "long_name_zh": "时段首小时(结束时刻)"},
    "total": {"units": "ug m-3", "long_name": "concentration that is shared out", "long_name_zh": "被分摊的浓度"},
    "observed": {"long_name": "whether the total was observed", "long_name_zh": "总量是否为实测"},
    "cities": {"long_name": "codes of the cities in the order of the numbers, by commas", "long_name_zh": "城市代码顺序"},
    "definition": {"long_name": "what a contribution means: allocation or removal", "long_name_zh": "贡献定义"},
    "tier": {"long_name": "what the attribution rests on", "long_name_zh": "归因依据等级"},
    "confidence": {"long_name": "high, medium, low, poor or none", "long_name_zh": "可信度"},
    "reasons": {"long_name": "why the confidence is no higher, as JSON", "long_name_zh": "可信度理由"},
    "summary_zh": {"long_name": "attribution in Chinese words", "long_name_zh": "归因结论(中文)"},
    "summary_en": {"long_name": "attribution in English words", "long_name_zh": "归因结论(英文)"},
    "models": {"long_name": "models and their runs", "long_name_zh": "模型与起报时次"},
    "learned_from": {"long_name": "first hour that the correction was learned from", "long_name_zh": "修正所用观测起始"},
    "learned_to": {"long_name": "last hour that the correction was learned from", "long_name_zh": "修正所用观测截止"},
    "method": {"long_name": "method of the attribution and its version", "long_name_zh": "归因方法与版本"},
    "contribution": {
        "units": "ug m-3", "long_name": "contribution of a sector in a place, allocation", "long_name_zh": "分行业分地区贡献(分摊)",
    },
    "contribution_by_sector": {"units": "ug m-3", "long_name": "contribution by sector", "long_name_zh": "分行业贡献(分摊)"},
    "contribution_by_place": {"units": "ug m-3", "long_name": "contribution by place", "long_name_zh": "分地区贡献(分摊)"},
    "contribution_by_group": {
        "units": "ug m-3", "long_name": "contribution by regulatory group", "long_name_zh": "分监管类别贡献(分摊)",
    },
    "removal": {
        "units": "ug m-3", "long_name": "by how much less there would be without the source", "long_name_zh": "去除量",
    },
    "sector_group": {"long_name": "regulatory group of sectors, or outside", "long_name_zh": "监管类别"},
    "model": {"long_name": "name of the model", "long_name_zh": "模型名称"},
    "model_version": {"long_name": "version of the model", "long_name_zh": "模型版本"},
    "quantity": {"long_name": "what the model gives, with its unit", "long_name_zh": "模型输出量"},
    "value": {"long_name": "what the model gave, in the unit of quantity", "long_name_zh": "模型输出值"},
    "wind_source": {"long_name": "forecast, stations or empty", "long_name_zh": "风场来源"},
    "inventory": {"long_name": "version of the emission inventory", "long_name_zh": "排放清单版本"},
    "emission_kgh": {"units": "kg h-1", "long_name": "emission by sector and species", "long_name_zh": "分行业排放量"},
    "sector": {"long_name": "sector of emission", "long_name_zh": "排放行业"},
    "species": {"long_name": "emitted species", "long_name_zh": "排放物种"},
    "compound": {"long_name": "organic compound", "long_name_zh": "挥发性有机物物种"},
    "component": {"long_name": "species of PM2.5", "long_name_zh": "PM2.5组分"},
    "species_zh": {"long_name": "species in Chinese", "long_name_zh": "物种中文名"},
    "cas": {"long_name": "CAS number", "long_name_zh": "CAS号"},
    "group": {"long_name": "group of the species", "long_name_zh": "物种类别"},
    "species_kind": {"long_name": "kind of the species: ion, carbon, element or marker", "long_name_zh": "组分类别"},
    "averaging_h": {
        "units": "h", "long_name": "hours over which the row is a mean, up to hour_end", "long_name_zh": "平均时长",
    },
    "composition_ugm3": {"units": "ug m-3", "long_name": "mass concentration in PM2.5", "long_name_zh": "PM2.5组分质量浓度"},
    "below_ugm3": {
        "units": "ug m-3", "long_name": "detection limit where the value is below it", "long_name_zh": "低于检出限时的检出限",
    },
    "total_ugm3": {
        "units": "ug m-3", "long_name": "sum of the species with a value", "long_name_zh": "有值组分质量浓度之和",
    },
    "molar_mass": {"units": "g mol-1", "long_name": "molar mass", "long_name_zh": "摩尔质量"},
    "voc_ppb": {"units": "ppb", "long_name": "mixing ratio by volume", "long_name_zh": "挥发性有机物体积分数"},
    "below_ppb": {
        "units": "ppb", "long_name": "detection limit where the value is below it", "long_name_zh": "低于检出限时的检出限",
    },
    "n_species": {"units": "1", "long_name": "species with a value", "long_name_zh": "有值物种数"},
    "n_below": {"units": "1", "long_name": "species below the detection limit", "long_name_zh": "低于检出限物种数"},
    "total_ppb": {
        "units": "ppb", "long_name": "total mixing ratio of the compounds with a value",
        "long_name_zh": "挥发性有机物总体积分数",
    },
    "ofp_ugm3": {
        "units": "ug m-3", "long_name": "ozone formation potential of the compounds with a value",
        "long_name_zh": "臭氧生成潜势", "references": "Carter 2010 (MIR); per compound in standards/tables/voc117.csv",
    },
    "ofp_species": {"units": "1", "long_name": "compounds in the ozone formation potential", "long_name_zh": "臭氧生成潜势物种数"},
    "ofp_mass_share": {
        "units": "1", "long_name": "share of the measured mass with a reactivity (MIR)", "long_name_zh": "有反应活性系数质量比例",
    },
    "oh_reactivity_per_s": {
        "units": "s-1", "long_name": "loss rate of OH by the compounds with a value", "long_name_zh": "OH反应活性",
        "references": "Atkinson and Arey 2003, AOPWIN; per compound in standards/tables/voc117.csv",
    },
    "oh_reactivity_species": {"units": "1", "long_name": "compounds in the loss rate of OH", "long_name_zh": "OH反应活性物种数"},
    "oh_reactivity_mass_share": {
        "units": "1", "long_name": "share of the measured mass with a rate coefficient", "long_name_zh": "有速率常数质量比例",
    },
    "hour_end": {
        "standard_name": "time", "axis": "T", "long_name": "end of the averaging hour, UTC",
        "long_name_zh": "小时结束时刻(世界时)",
    },
    "day": {
        "standard_name": "time", "axis": "T", "long_name": "natural day in Asia/Shanghai, hours ending 01:00 to 24:00",
        "long_name_zh": "自然日(北京时间)",
    },
}  # fmt: skip


def attributes(column: str) -> dict[str, Any]:
    """Give the CF attributes of a column of the store; an unknown column is named by itself."""
    if column in _OTHERS:
        return dict(_OTHERS[column])
    if column.endswith("_hours"):
        symbol = POLLUTANTS[column.removesuffix("_hours")].symbol
        return {"units": "1", "long_name": f"hours with {symbol}", "long_name_zh": f"{symbol}有效小时数"}
    if column.endswith("_kgh"):
        return _emission(column)
    if column.endswith(("_ugm3", "_mgm3")):
        return _concentration(column)
    return {"long_name": column}


def _emission(column: str) -> dict[str, Any]:
    upwind = column.startswith("upwind_")
    species = column.removesuffix("_kgh").removeprefix("upwind_")
    where, where_zh = ("upwind of the city", "上风向") if upwind else ("of the city", "")
    return {
        "units": "kg h-1",
        "long_name": f"emission of {species} {where}",
        "long_name_zh": f"{where_zh}{_SPECIES_ZH[species]}排放量",
    }


def _concentration(column: str) -> dict[str, Any]:
    name, unit = column.rsplit("_", 1)
    forecast = name.startswith("forecast_")
    item, _, average = name.removeprefix("forecast_").partition("_")
    pollutant, (mean, mean_zh, comment) = POLLUTANTS[item], _AVERAGES[f"_{average}" if average else ""]
    kind, kind_zh = ("forecast ", "预报") if forecast else ("", "")
    given = {
        "standard_name": f"mass_concentration_of_{_CHEMICALS[item]}_in_air",
        "units": "ug m-3" if unit == "ugm3" else "mg m-3",
        "long_name": f"{kind}{mean}{pollutant.name_en}",
        "long_name_zh": f"{kind_zh}{pollutant.name_zh}{mean_zh}浓度",
    }
    return given | ({"comment": comment} if comment else {})
