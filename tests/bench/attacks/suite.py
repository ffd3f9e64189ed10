"""Plays the groups of attacks one after the other over the rows of one undisturbed run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.attacks import clock, damage, disk, doors, frozen, kills, requests, surroundings
from tests.bench.attacks.stage import Stage, differences
from tests.bench.attacks.verdicts import Attack, played

GROUPS = ("kills", "damage", "requests", "disk", "clock", "locales", "paths", "doors")
KILLS, REQUESTS = 105, 200
SHORT = {"kills": 6, "requests": 21, "damage": 1, "locales": 1, "paths": 1}
DAYS = 400
AT_REST_S, AT_REST_WITHIN_S = 20.0, 180.0
"""Rows that have stayed the same for so long [s] are all there are; waited for at most so long [s]."""


class Suite:
    """All attacks. short: a handful of each; names: only those whose name holds one of these words, commas between."""

    def __init__(
        self, folder: Path, *, short: bool = False, seed: int = 15, names: str = "", tell: Callable[[str], None] = lambda line: None
    ) -> None:  # fmt: skip
        self.folder, self.short, self.seed, self.names, self.tell = folder, short, seed, names, tell
        self.found: list[Attack] = []
        self._expected: dict | None = None
        self._number = 0

    def play(self, groups: Sequence[str]) -> list[Attack]:
        """Play groups in the order in which they are named; give what became of each attack."""
        if not frozen.digest(frozen.files()).startswith(frozen.DIGEST):
            raise AssertionError(
                f"the frozen input has changed: {frozen.digest(frozen.files())}, expected {frozen.DIGEST}…"
            )
        for group in groups:
            getattr(self, group)()
        return self.found

    def kills(self) -> None:
        """Kills and pauses; see kills.py."""
        events = SHORT["kills"] if self.short else KILLS
        self._one(
            "kills",
            "kills and pauses",
            lambda a: kills.play(a, self._new(), self.expected(), events=events, seed=self.seed),
        )

    def damage(self) -> None:
        """Every kind of damage; see damage.py."""
        kinds = damage.KINDS[: SHORT["damage"]] if self.short else damage.KINDS
        if not (kinds := [kind for kind in kinds if self._wanted(kind.name)]):
            return
        expected, place = self.expected(), self._new()
        rest = damage.prepare(place)
        kept = place.rename(place.with_name("kept"))  # each copy lies where the first one lay: only the damage is new
        for number, kind in enumerate(kinds):
            seed = self.seed + number
            self._one("damage", kind.name, lambda a, k=kind, s=seed: damage.play(a, k, place, kept, rest, expected, s))

    def requests(self) -> None:
        """Malformed requests; see requests.py."""
        self._on_a_platform("requests", "malformed requests", self._requests)

    def doors(self) -> None:
        """Sockets and ways in; see doors.py."""
        self._on_a_platform("doors", "every door", lambda a, stage: doors.play(a, stage, self.folder))

    def disk(self) -> None:
        """A full disk; see disk.py."""
        seconds = 8.0 if self.short else disk.FULL_S
        self._one("disk", "full and back", lambda a: disk.play(a, self._new(), self.expected(), full_s=seconds))

    def clock(self) -> None:
        """The clock off by 400 days; see clock.py."""
        for running in (True,) if self.short else (False, True):
            for days in (DAYS,) if self.short else (DAYS, -DAYS):
                name = f"{days:+d} days {'while it runs' if running else 'at the start'}"
                self._one(
                    "clock", name,
                    lambda a, d=days, r=running: clock.play(a, self._new(), self.expected(), days=d, while_running=r),
                )  # fmt: skip

    def locales(self) -> None:
        """Ten locales; see surroundings.py."""
        for settings in surroundings.LOCALES[: SHORT["locales"] if self.short else None]:
            name = " ".join(f"{key}={value}" for key, value in settings.items())
            self._one(
                "locales", name, lambda a, s=settings: surroundings.play_locale(a, self._new(), self.expected(), s)
            )  # fmt: skip

    def paths(self) -> None:
        """Paths of every kind; see surroundings.py."""
        places = surroundings.PLACES
        if self.short:
            places = (places[4], *[place for place in places if not place.usable][:2])
        for place in places:
            self._one(
                "paths", place.name, lambda a, p=place: surroundings.play_path(a, self._new(), self.expected(), p)
            )

    def expected(self) -> dict:
        """Give the rows of the undisturbed run, made once."""
        if self._expected is None:
            stage, given = Stage(self._new()), frozen.files()
            attack = Attack("undisturbed", "undisturbed")
            try:
                stage.start()
                stage.feed(given)
                stage.wait_until_drained(frozen.rows(given))
                self._expected = self._at_rest(stage)
            finally:
                stage.close(attack)
            if len(self._expected["air_station_hour"]) < frozen.rows(given) - 1 or attack.complaints:
                raise AssertionError(f"the undisturbed run is no measure: {attack.complaints}")
            self.tell(f"undisturbed: {sum(map(len, self._expected.values()))} rows")
        return self._expected

    @staticmethod
    def _at_rest(stage: Stage) -> dict:
        """Give the rows once they have stayed as they are, for what follows from them is computed behind them."""
        before, rows, since = {}, stage.rows(), time.monotonic()
        end = since + AT_REST_WITHIN_S
        while rows != before or time.monotonic() - since < AT_REST_S:
            if time.monotonic() > end:
                raise AssertionError(f"the undisturbed run never rests: {differences(rows, before)}")
            if rows != before:
                before, since = rows, time.monotonic()
            time.sleep(2)
            rows = stage.rows()
        return rows

    def _requests(self, attack: Attack, stage: Stage) -> None:
        given = frozen.files()
        stage.feed(given)
        stage.wait_until_drained(frozen.rows(given))
        count = SHORT["requests"] if self.short else REQUESTS
        requests.play(attack, stage, count=count, seed=self.seed)

    def _on_a_platform(self, group: str, name: str, attacked: Callable[[Attack, Stage], None]) -> None:
        def play(attack: Attack) -> None:
            stage = Stage(self._new())
            try:
                stage.start()
                attacked(attack, stage)
            finally:
                stage.close(attack)

        self._one(group, name, play)

    def _one(self, group: str, name: str, play: Callable[[Attack], None]) -> None:
        if not self._wanted(name):
            return
        if group not in ("damage", "requests", "doors"):
            self.expected()
        with played(self.found, group, name, self.tell) as attack:
            play(attack)

    def _wanted(self, name: str) -> bool:
        return any(word in name for word in self.names.split(","))

    def _new(self) -> Path:
        self._number += 1
        place = self.folder / f"d{self._number}"
        shutil.rmtree(place, ignore_errors=True)
        return place
