"""The shell that lays observations down as files: where the feeds look for them, and the truth about them in a folder apart.

    <folder>/stations/ micro/ super/ voc/ composition/ cems/     what the platform reads
    <truth>/faults/ files/ stacks/, sites.csv, particle_*.csv    what only judges of the platform read
    <truth>/waiting/                                             files that have not arrived yet, in a live run

A file comes into being whole (hidden name, then renamed) and is never written again: a run that is made once more
finds its own files, and another one is told that they differ. So the truth about a span has a file of its own, too,
and no file grows.
"""

from __future__ import annotations

from pathlib import Path

from research.virtual_airshed.inventories import particle_profiles
from research.virtual_airshed.observe import particle_analysers, records
from research.virtual_airshed.observe.cems import STACK_COLUMNS
from research.virtual_airshed.observe.clock import stamp
from research.virtual_airshed.observe.faults import Fault
from research.virtual_airshed.observe.laying import csv_text, lay_down
from research.virtual_airshed.observe.observer import Observation, Observer

WAITING = "waiting"


class Outbox:
    """Where observations go. folder: of the feeds. truth: of the truth about them, which the platform must not read."""

    def __init__(self, folder: Path, truth: Path) -> None:
        self.folder, self.truth = folder, truth

    def put(self, observation: Observation, *, now: int | None = None) -> list[Path]:
        """Lay down what was observed, and the truth about it; give the files that the platform can read now.

        now: the epoch hour that it is; what arrives later waits for deliver(). None: everything is there at once, as
        in a history. Errors: OutboxError where a file is there with other content.
        """
        self._put_truth(observation)
        put = []
        for file in observation.files:
            if now is None or file.arrives <= now:
                put.append(lay_down(self.folder / file.path, file.text))
            elif not (self.folder / file.path).exists():
                lay_down(self.truth / WAITING / str(file.arrives) / file.path, file.text)
        return put

    def deliver(self, now: int) -> list[Path]:
        """Lay down what waits and has arrived by an epoch hour; give the files, first come first."""
        waiting = self.truth / WAITING
        due = (
            sorted((int(each.name), each) for each in waiting.iterdir() if int(each.name) <= now)
            if waiting.is_dir()
            else []
        )
        put = []
        for _, folder in due:
            for file in sorted(each for each in folder.rglob("*.csv") if not each.name.startswith(".")):
                put.append(lay_down(self.folder / file.relative_to(folder), file.read_text(encoding="utf-8")))
                file.unlink()
        return put

    def put_sites(self, observer: Observer, *, anew: bool = False) -> Path:
        """Lay down the truth about all instruments: siting, bias, drift; analysers of particles, and what sources emit.

        anew: whether the list of an earlier version, which knew fewer of them, is replaced, as in a run that goes on for
        weeks. Errors: OutboxError where another list is there and is not replaced.
        """
        rows = [row for network in observer.networks for row in records.site_rows(network)]
        seed, codes = observer.manner.seed, observer.network("super").sites.codes
        profiles = [(*row, "true") for row in particle_profiles.rows(particle_profiles.true_profiles(seed))]
        for name, columns, table in (
            ("particle_profiles.csv", particle_profiles.TRUTH_COLUMNS, profiles),
            (
                "particle_analysers.csv",
                particle_analysers.TRUTH_COLUMNS,
                particle_analysers.truth_rows(codes, seed=seed),
            ),
            ("sites.csv", records.SITE_COLUMNS, rows),
        ):
            path, text = self.truth / name, csv_text(columns, table)
            if anew and path.exists() and path.read_text(encoding="utf-8") != text:
                path.unlink()
            lay_down(path, text)
        return path

    def _put_truth(self, observation: Observation) -> None:
        name = stamp(observation.first_hour, observation.hours)
        stacks = [(*row, "true") for row in observation.stack_rows]
        for kind, columns, rows in (
            ("faults", records.FAULT_COLUMNS, records.fault_rows(observation.faults)),
            ("files", records.FILE_COLUMNS, records.file_rows(observation.files)),
            ("stacks", (*STACK_COLUMNS, "simulated"), stacks),
        ):
            lay_down(self.truth / kind / f"{kind}_{name}.csv", csv_text(columns, rows))


def read_faults(truth: Path) -> list[Fault]:
    """Read all faults from a folder of the truth, in the order of their hours. Errors: TruthError naming file and line."""
    return [fault for path in sorted((truth / "faults").glob("faults_*.csv")) for fault in records.faults_in(path)]
