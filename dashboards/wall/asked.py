"""What several scenes show of one look at the store, asked of it once."""

from __future__ import annotations

import datetime as dt
import weakref
from functools import cached_property

from dashboards.context import Scene
from dashboards.queries import air, attributions, scenarios, wall
from ml.scenario.warned import Warned

DAY = dt.timedelta(hours=24)


class Asked:
    """The answers for one scene, each asked when it is first wanted. A scene that waits has empty answers."""

    def __init__(self, scene: Scene) -> None:
        self._connection, self._moment = scene.connection, scene.moment
        self.cities = tuple(scene.registry.cities)
        self._waiting = scene.waiting

    @cached_property
    def history(self) -> dict[str, list[air.Row]]:
        """The hours of the last day by city, in order of time."""
        found: dict[str, list[air.Row]] = {city: [] for city in self.cities}
        if not self._waiting:
            hour = self._moment.hour
            for row in air.city_hours(self._connection, self.cities, hour - DAY, hour):
                found[row["city"]].append(row)
        return found

    @cached_property
    def rows(self) -> dict[str, air.Row]:
        """The hour shown by city, or one a little earlier."""
        flat = [row for rows in self.history.values() for row in rows]
        return air.latest_by_city(flat, self._moment.hour) if flat else {}

    @cached_property
    def coming(self) -> dict[str, wall.Coming]:
        """What is forecast, by city."""
        if self._waiting:
            return {}
        return {city: wall.coming(self._connection, city, self._moment.hour) for city in self.cities}

    @cached_property
    def warned(self) -> dict[str, Warned | None]:
        """Which warning the plan's rules ask for, by city; None where no plan holds."""
        if self._waiting:
            return {}
        return {city: scenarios.warned(self._connection, city, self._moment.hour) for city in self.cities}

    @cached_property
    def made_by(self) -> dict[str, attributions.Row]:
        """The newest hour that was attributed, by city; of ozone where ozone is the primary pollutant, else of PM2.5."""
        if self._waiting:
            return {}
        found = {city: self._made(city) for city in self.cities}
        return {city: row for city, row in found.items() if row is not None}

    def _made(self, city: str) -> attributions.Row | None:
        first = ((self.rows.get(city) or {}).get("primary_pollutants") or "").split(",")[0]
        item = "o3" if first == "o3" else "pm25"
        return attributions.attributions(self._connection, city, self._moment.hour, item=item).hour

    @cached_property
    def started(self) -> dt.datetime | None:
        """The start of the newest run of any city."""
        return max((each.started for each in self.coming.values() if each.started), default=None)


_ASKED: dict[int, Asked] = {}


def asked(scene: Scene) -> Asked:
    """Give the answers for a scene; they live as long as it does."""
    key = id(scene)
    if key not in _ASKED:
        _ASKED[key] = Asked(scene)
        weakref.finalize(scene, _ASKED.pop, key, None)
    return _ASKED[key]
