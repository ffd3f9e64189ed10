"""Watching folders: what is new is read once when it has settled, nothing that lies there ends it, and idling costs little."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from pathlib import Path

import pytest

from streams import sources
from streams.intake import publisher as publishing
from streams.intake import watcher as watching
from streams.intake.publisher import Publisher
from streams.intake.readers import Here
from streams.intake.reading import Asked
from streams.intake.watcher import FOLDERS, GIVE_UP_S, IDLE_S, POLL_S, RECENT, RECHECKED, RETRY_S, watch
from tests.streams.intake.test_publisher import NAMED, blocks, told
from tests.streams.intake.watching import REGISTRY, Counting, Watching, hours
from tests.streams.real_data import REPOSITORY

INVENTORY = REPOSITORY / "tests" / "data" / "emissions"


def files_read(topics: Path) -> list[str]:
    return sorted(intake.file for intake in told(topics)[0])


def fill(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        (folder / f"{n:05d}.csv").write_text("x")


@pytest.fixture
def inbox(tmp_path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture
def topics(tmp_path) -> Path:
    return tmp_path / "topics"


def test_a_file_is_read_once_it_has_stayed_as_it_was(inbox, topics) -> None:
    seen = Watching(topics, inbox)
    seen.look()
    path = hours(inbox / "a.csv")
    for n in range(1, 5):
        seen.look()
        with path.open("a") as file:
            file.write(f"1432A,2024-01-01T0{n}:00Z,5\n")
    assert not files_read(topics)
    seen.look(5)
    assert files_read(topics) == ["a.csv"] and told(topics)[0][0].rows == 5
    seen.look(300)
    assert files_read(topics) == ["a.csv"]


def test_looks_are_frequent_only_shortly_after_something_moved(inbox, topics) -> None:
    seen = Watching(topics, inbox)
    seen.look(10)
    assert seen.watcher.look() == IDLE_S
    hours(inbox / "a.csv")
    assert seen.watcher.look() == POLL_S
    seen.look(10)
    assert seen.watcher.look() == IDLE_S


def test_an_inventory_dropped_into_the_inbox_makes_nothing_else_unseen(inbox, topics) -> None:
    shutil.copytree(INVENTORY, inbox, dirs_exist_ok=True)
    hours(inbox / "stations.csv")
    hours(inbox / "later" / "more.csv", hour=1)
    seen = Watching(topics, inbox)
    seen.look(5)
    hours(inbox / "new.csv", hour=2)
    seen.look(5)
    assert files_read(topics) == ["inbox/inventory.csv", "more.csv", "new.csv", "stations.csv"]


@pytest.mark.parametrize("change", ["meta.toml", "profiles/weekly.csv", "inventory.csv"])
def test_an_inventory_is_read_again_when_any_part_of_it_changes(inbox, topics, change) -> None:
    shutil.copytree(INVENTORY, inbox / "inv")
    seen = Watching(topics, inbox)
    seen.look(5)
    with (inbox / "inv" / change).open("a") as file:
        file.write("\n")
    seen.look(5)
    assert files_read(topics) == ["inv/inventory.csv"] * 2


def test_an_inventory_is_read_again_when_a_part_comes_or_goes(inbox, topics) -> None:
    shutil.copytree(INVENTORY, inbox / "inv")
    (inbox / "inv" / "profiles" / "weekly.csv").unlink()
    seen = Watching(topics, inbox)
    seen.look(5)
    shutil.copy(INVENTORY / "profiles" / "weekly.csv", inbox / "inv" / "profiles")
    seen.look(5)
    shutil.rmtree(inbox / "inv" / "profiles")
    seen.look(5)
    assert files_read(topics) == ["inv/inventory.csv"] * 3


def test_profiles_that_come_before_their_inventory_are_named_and_then_used(inbox, topics) -> None:
    shutil.copytree(INVENTORY / "profiles", inbox / "inv" / "profiles")
    seen = Watching(topics, inbox)
    seen.look(5)
    assert {reject.file for reject in told(topics)[1]} == {"monthly.csv", "weekly.csv", "hourly.csv"}
    shutil.copy(INVENTORY / "inventory.csv", inbox / "inv")
    shutil.copy(INVENTORY / "meta.toml", inbox / "inv")
    seen.look(200)
    assert files_read(topics) == ["inv/inventory.csv"] and not [r for r in told(topics)[1] if not r.set_aside]


def test_a_folder_that_cannot_be_listed_hides_nothing_and_is_named_once(inbox, topics, caplog) -> None:
    for name in ("a.csv", "closed/b.csv", "z/c.csv"):
        hours(inbox / name)
    system = Counting(closed=[str(inbox / "closed")])
    seen = Watching(topics, inbox, system=system)
    with caplog.at_level(logging.ERROR):
        seen.look(300)
    assert files_read(topics) == ["a.csv", "c.csv"]
    (reject,) = told(topics)[1]
    assert (reject.file, reject.set_aside) == (
        "closed",
        False,
    ) and "cannot be listed: Permission denied" in reject.reason
    assert len(caplog.records) == 1
    system.closed.clear()
    seen.look(70)
    assert files_read(topics) == ["a.csv", "b.csv", "c.csv"]


def test_a_file_that_cannot_be_read_is_named_once_and_read_when_it_can_be(inbox, topics, monkeypatch) -> None:
    hours(inbox / "a.csv")
    hours(inbox / "b.csv", hour=1)
    digest = publishing.sources.digest_of

    def refuse(path: Path) -> str:
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return digest(path)

    monkeypatch.setattr(sources, "digest_of", refuse)
    seen = Watching(topics, inbox)
    seen.look(5 * RETRY_S)
    assert files_read(topics) == ["b.csv"] and [r.reason for r in told(topics)[1]] == [
        "the file cannot be read: Permission denied"
    ]
    monkeypatch.setattr(sources, "digest_of", digest)
    seen.look(RETRY_S + 1)
    assert files_read(topics) == ["a.csv", "b.csv"]


def test_topics_that_cannot_be_written_for_a_while_lose_nothing(inbox, topics, monkeypatch, caplog) -> None:
    seen = Watching(topics, inbox)
    hours(inbox / "a.csv")
    with monkeypatch.context() as patched:
        error = OSError(28, "No space left on device")
        patched.setattr("streams.wire.topics.DirectoryTopic.append", lambda *_, **__: (_ for _ in ()).throw(error))
        seen.look(3 * RETRY_S)
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1 and "a.csv" in caplog.text
    seen.look(RETRY_S + 1)
    assert files_read(topics) == ["a.csv"] and len(blocks(topics)) == 1


def test_whatever_a_file_holds_or_a_feed_raises_the_others_are_read(inbox, topics, monkeypatch) -> None:
    (inbox / "a.csv").write_text(NAMED, encoding="utf-8")
    (inbox / "b.csv").write_text("city,sector,species,year,emission_t\n510100,power,so2,2023,50000000\n")
    (inbox / "c.csv").write_text("station,hour_end,pm25_ugm3\n1431A,2024-01-01T00:00Z," + "9" * 140_000 + "\n")
    (inbox / "d.csv").write_text("station,hour_end,toluene_ppb\n1431A,2024-01-01T00:00Z,1\n")
    hours(inbox / "e.csv")
    monkeypatch.setattr("streams.sources.stations.voc_csv.parse", lambda *_, **__: 1 / 0)
    Watching(topics, inbox).look(5)
    assert files_read(topics) == ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"]
    assert {block.stations for block in blocks(topics) if block.source == "station-csv"} == {("1431A",)}


def test_what_is_passed_over_is_said_once_also_after_a_restart(inbox, topics) -> None:
    for name in ("_x.csv", "x.json", "_old/y.csv", ".hidden.csv"):
        hours(inbox / name)
    for _ in range(2):
        Watching(topics, inbox).look(130)
    intakes, rejects = told(topics)
    assert not intakes and sorted(reject.file for reject in rejects) == ["_old", "_x.csv", "x.json"]
    assert all(reject.set_aside and reject.reason and reject.expected for reject in rejects)


def test_an_upload_is_waited_for_and_read_under_its_own_name(inbox, topics) -> None:
    seen = Watching(topics, inbox)
    path = hours(inbox / "a.csv.part")
    seen.look(GIVE_UP_S / 2)
    assert told(topics) == ([], [])
    path.rename(inbox / "a.csv")
    seen.look(GIVE_UP_S)
    assert files_read(topics) == ["a.csv"] and not told(topics)[1]


def test_what_is_hidden_is_named_when_it_has_not_gone_on(inbox, topics) -> None:
    hours(inbox / ".a.csv.Xy12")
    hours(inbox / ".git" / "config.csv", hour=1)
    seen = Watching(topics, inbox)
    seen.look(GIVE_UP_S / 2)
    assert told(topics) == ([], []), "some programs write under a hidden name and rename"
    seen.look(GIVE_UP_S)
    assert {each.file: each.reason for each in told(topics)[1]} == {
        ".a.csv.Xy12": "the name of the file begins with .", ".git": "the name of the folder begins with .",
    }  # fmt: skip


def test_a_file_that_never_stays_as_it_is_is_named_once_and_read_when_it_does(inbox, topics) -> None:
    path, seen = hours(inbox / "log.csv"), Watching(topics, inbox)
    until, n = seen.clock.now + 2 * watching.GROWS_S, 0
    while seen.clock.now < until:
        n += 1
        os.utime(path, (n, n))
        seen.look()
    assert not files_read(topics) and [r.reason for r in told(topics)[1]] == [watching.GROWS]
    seen.look(5)
    assert files_read(topics) == ["log.csv"]


def test_a_file_that_changes_while_it_is_read_is_read_again_and_published_once(inbox, topics, monkeypatch) -> None:
    path, seen, parse = hours(inbox / "a.csv"), Watching(topics, inbox), sources.parse_file
    times = []

    def parse_and_change(*given: object, **how: object) -> object:
        times.append(1)
        parsed = parse(*given, **how)
        if len(times) < 3:
            hours(path, code="1432A", hour=len(times))
            os.utime(path, (len(times), len(times)))
        return parsed

    monkeypatch.setattr(sources, "parse_file", parse_and_change)
    seen.look(20)
    assert len(times) == 3 and files_read(topics) == ["a.csv"]
    (block,) = blocks(topics)
    assert block.stations == ("1432A",), "what was published is what lies there"


@pytest.mark.parametrize("target", ["/etc/passwd", "/dev/zero", "/", "../elsewhere", "../elsewhere/b.csv"])
def test_a_link_out_of_the_folder_is_named_and_not_followed(tmp_path, inbox, topics, target) -> None:
    hours(tmp_path / "elsewhere" / "b.csv")
    (inbox / "link").symlink_to(target)
    (inbox / "deep").mkdir()
    (inbox / "deep" / "link").symlink_to("../link")
    hours(inbox / "z.csv", hour=1)
    Watching(topics, inbox).look(5)
    assert files_read(topics) == ["z.csv"]
    assert [(each.file, each.reason[:23]) for each in told(topics)[1]] == [("link", "the link leads out of t")] * 2


def test_links_within_the_folder_and_to_the_folder_are_followed(tmp_path, inbox, topics) -> None:
    hours(inbox / "real" / "a.csv")
    (inbox / "b.csv").symlink_to("real/a.csv")
    (tmp_path / "way").symlink_to(inbox)
    Watching(topics, tmp_path / "way").look(5)
    assert files_read(topics) == ["b.csv"] and not told(topics)[1], "a link and its file are one delivery"


def test_a_file_that_becomes_a_link_or_a_pipe_before_it_is_read_is_not_opened(
    tmp_path, inbox, topics, monkeypatch
) -> None:
    secret, start = hours(tmp_path / "secret.csv"), publishing.Publisher.start
    for name in ("a.csv", "b.csv"):
        hours(inbox / name, code="1433A")
    hours(inbox / "sub" / "secret.csv", code="1433A")

    def start_late(self, unit: Path, **how: object) -> object:
        unit.unlink()
        if unit.name == "a.csv":
            unit.symlink_to(secret)
        elif unit.name == "b.csv":
            os.mkfifo(unit)
        else:
            unit.parent.rmdir()
            unit.parent.symlink_to(tmp_path)
        return start(self, unit, **how)

    monkeypatch.setattr(publishing.Publisher, "start", start_late)
    Watching(topics, inbox).look(1)
    assert not files_read(topics) and not blocks(topics)


def test_folders_in_folders_without_end_are_named_and_cost_little(inbox, topics) -> None:
    here = inbox
    for _ in range(100):
        here = here / "d"
    hours(here / "a.csv")
    hours(inbox / "z.csv")
    seen = Watching(topics, inbox)
    seen.look(5)
    (reject,) = told(topics)[1]
    assert files_read(topics) == ["z.csv"] and "folders deep" in reject.reason and len(seen.watcher._folders) < 70


def test_an_upload_that_does_not_go_on_is_named(inbox, topics) -> None:
    hours(inbox / "a.csv.part")
    Watching(topics, inbox).look(GIVE_UP_S + 60)
    (reject,) = told(topics)[1]
    assert reject.file == "a.csv.part" and "not brought to its end" in reject.reason


def test_a_file_that_changes_in_place_is_found_within_a_round_and_one_read_last_at_once(
    inbox, topics, monkeypatch
) -> None:
    monkeypatch.setattr(watching, "RECHECKED", 10)
    monkeypatch.setattr(watching, "RECENT", 5)
    for n in range(100):
        hours(inbox / f"{n:04d}.csv")
    seen = Watching(topics, inbox)
    seen.look(60)
    for name, within_s in (("0099.csv", 1.5), ("0000.csv", IDLE_S * (100 / 10 + 1) + 1.5)):
        before = files_read(topics)
        with (inbox / name).open("a") as file:
            file.write("1433A,2024-01-01T02:00Z,5\n")
        seen.look(within_s)
        assert files_read(topics) == sorted([*before, name])


def test_a_backlog_is_taken_up_bit_by_bit_and_what_comes_meanwhile_first(inbox, topics, monkeypatch) -> None:
    fill(inbox, 2_000)
    seen, started = Watching(topics, inbox), []

    class Busy(Here):
        """Takes files up, each in ten milliseconds, and has read none yet."""

        def submit(self, asked: Asked, **about: float) -> int:
            started.append(Path(asked.unit).name)
            seen.clock.now += 0.01
            return len(started)

    seen.publisher.reader = Busy(REGISTRY)
    seen.look(12)
    assert 100 < len(started) < 1_500 and started == sorted(started)
    hours(inbox / "zzz_live.csv")
    before = len(started)
    while "zzz_live.csv" not in started:
        seen.look()
    assert len(started) - before < 400, "a few looks of a second each"


def test_what_is_gone_leaves_the_memory(inbox, topics) -> None:
    hours(inbox / "a.csv")
    hours(inbox / "sub" / "deep" / "b.csv")
    seen = Watching(topics, inbox)
    seen.look(5)
    (inbox / "a.csv").unlink()
    shutil.rmtree(inbox / "sub")
    seen.look(5)
    assert [folder.files for folder in seen.watcher._folders.values()] == [{}] and not seen.watcher._waiting
    hours(inbox / "sub" / "deep" / "b.csv", code="1433A")
    seen.look(5)
    assert files_read(topics) == ["a.csv", "b.csv", "b.csv"]


def test_a_folder_in_the_place_of_a_file_is_looked_into(inbox, topics) -> None:
    hours(inbox / "a.csv")
    seen = Watching(topics, inbox)
    seen.look(5)
    (inbox / "a.csv").unlink()
    hours(inbox / "a.csv" / "b.csv", hour=1)
    seen.look(5)
    assert files_read(topics) == ["a.csv", "b.csv"] and not told(topics)[1]


def test_what_was_published_is_known_at_the_next_start_by_its_times_alone(inbox, topics, monkeypatch) -> None:
    for n in range(5):
        hours(inbox / "sub" / f"{n}.csv", hour=n)
    shutil.copytree(INVENTORY, inbox / "inv")
    Watching(topics, inbox).look(5)
    monkeypatch.setattr(publishing.Publisher, "start", lambda *_, **__: pytest.fail("a known file is published"))
    seen = Watching(topics, inbox)
    assert seen.look() == 1 and not seen.watcher._waiting


@pytest.mark.parametrize("folders", [1, 50])
def test_an_idle_look_asks_the_system_as_little_for_many_files_as_for_few(tmp_path, folders) -> None:
    asked = {}
    for count in (10, 5000):
        inbox, system = tmp_path / f"in{count}", Counting()
        for n in range(folders):
            fill(inbox / f"{n:02d}", max(count // folders, 1))
        seen = Watching(tmp_path / f"topics{count}", inbox, system=system)
        seen.publisher.knows = lambda key: True
        seen.look(200)
        system.calls.clear()
        asked[count] = [0, 0]
        for _ in range(40):
            seen.look()
            most = (system.calls["stat"], system.calls["scandir"])
            asked[count] = [max(pair) for pair in zip(asked[count], most, strict=True)]
            system.calls.clear()
    known = {10: max(10, folders), 5000: RECHECKED}
    for count, (stats, listings) in asked.items():
        assert stats <= 1 + folders + known[count], "the folders, and the files of the round"
        assert listings <= folders + 1
    assert asked[5000][0] <= 1 + FOLDERS + RECENT + RECHECKED


def test_idle_looks_hardly_list_anything(tmp_path) -> None:
    inbox, system = tmp_path / "in", Counting()
    fill(inbox, 5000)
    seen = Watching(tmp_path / "topics", inbox, system=system)
    seen.publisher.knows = lambda key: True
    seen.look(200)
    system.calls.clear()
    looks = seen.look(600)
    assert looks == 600 / IDLE_S and system.calls["scandir"] <= 10, "once a minute"
    assert system.calls["stat"] <= looks * (1 + RECHECKED)


def test_a_large_folder_in_which_much_arrives_is_not_listed_at_every_look(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(watching, "LISTED_A_SECOND", 100)
    inbox, system = tmp_path / "in", Counting()
    fill(inbox, 300)
    seen = Watching(tmp_path / "topics", inbox, system=system)
    seen.publisher.knows = lambda key: True
    seen.look()
    system.calls.clear()
    begun = seen.clock.now
    for n in range(60):
        (inbox / f"new{n}.csv").write_text("x")
        seen.look()
    assert 2 <= system.calls["scandir"] <= (seen.clock.now - begun) * 100 / 300 + 1, (
        "300 names at 100 a second take 3 s"
    )


def test_many_folders_are_asked_in_turn_and_each_before_long(tmp_path) -> None:
    inbox, system = tmp_path / "in", Counting()
    for n in range(3 * FOLDERS):
        (inbox / f"{n:04d}").mkdir(parents=True)
    seen = Watching(tmp_path / "topics", inbox, system=system)
    seen.look(30)
    system.calls.clear()
    seen.look()
    assert system.calls["stat"] <= 1 + RECENT + FOLDERS
    hours(inbox / "0000" / "a.csv")
    hours(inbox / f"{2 * FOLDERS:04d}" / "b.csv")
    seen.look(4 * IDLE_S + 2)
    assert files_read(tmp_path / "topics") == ["a.csv", "b.csv"]


def test_a_folder_that_leads_back_is_named_and_everything_is_read_once(inbox, topics) -> None:
    hours(inbox / "sub" / "a.csv")
    (inbox / "sub" / "back").symlink_to(inbox)
    Watching(topics, inbox).look(130)
    (reject,) = told(topics)[1]
    assert files_read(topics) == ["a.csv"] and reject.file == "back" and "leads back" in reject.reason


def test_a_pipe_is_not_opened(inbox, topics) -> None:
    os.mkfifo(inbox / "pipe.csv")
    hours(inbox / "z.csv")
    Watching(topics, inbox).look(5)
    assert files_read(topics) == ["z.csv"] and [reject.file for reject in told(topics)[1]] == ["pipe.csv"]


def test_a_watched_folder_may_come_later_go_and_come_back(inbox, topics) -> None:
    seen = Watching(topics, inbox / "later")
    seen.look(2)
    hours(inbox / "later" / "a.csv")
    seen.look(5)
    shutil.rmtree(inbox / "later")
    seen.look(5)
    hours(inbox / "later" / "b.csv")
    seen.look(5)
    assert files_read(topics) == ["a.csv", "b.csv"] and not told(topics)[1]


def test_a_single_file_may_be_watched_and_its_neighbours_are_not_read(inbox, topics) -> None:
    path = hours(inbox / "a.csv")
    hours(inbox / "b.csv")
    seen = Watching(topics, path)
    seen.look(5)
    hours(path, code="1432A", hour=3)
    os.utime(path, (2e9, 2e9))
    seen.look(5)
    assert files_read(topics) == ["a.csv", "a.csv"]


def test_a_netcdf_file_is_waited_for_until_it_is_whole(inbox, topics, forecast_runs) -> None:
    whole = forecast_runs[0].read_bytes()
    path = inbox / "run.nc"
    path.write_bytes(whole[: len(whole) // 2])
    seen = Watching(topics, inbox)
    seen.look(30)
    assert not files_read(topics)
    path.write_bytes(whole)
    seen.look(10)
    assert files_read(topics) == ["run.nc"] and blocks(topics, "forecast.station_hour")


def test_stopping_breaks_off_between_two_files(inbox, topics, monkeypatch) -> None:
    for n in range(9):
        hours(inbox / f"{n}.csv", hour=n)
    stop, start = threading.Event(), publishing.Publisher.start

    def start_one(self, unit: Path, **how: object) -> object:
        stop.set()
        return start(self, unit, **how)

    monkeypatch.setattr(publishing.Publisher, "start", start_one)
    seen = Watching(topics, inbox)
    seen.look()
    seen.clock.now += 5
    seen.watcher.look(stop)
    assert files_read(topics) == ["0.csv"]


def test_a_look_that_is_broken_off_does_not_end_the_watch(inbox, topics, monkeypatch, caplog) -> None:
    monkeypatch.setattr(watching, "RETRY_S", 0.1)
    looks = []

    def look(self, stop: threading.Event) -> float:
        looks.append(1)
        if len(looks) < 4:
            raise MemoryError("for once")
        stop.set()
        return 0.0

    monkeypatch.setattr(watching.Watcher, "look", look)
    watch([inbox], Publisher(topics, REGISTRY, all_stations=False), threading.Event())
    assert len(looks) == 4 and caplog.text.count("Traceback") == 1


@pytest.mark.parametrize("ahead_s", [900.0, 400 * 86_400.0])
def test_a_run_whose_time_of_change_lies_in_the_future_is_read(inbox, topics, forecast_runs, ahead_s) -> None:
    """A share whose server's clock is ahead, a copy that keeps times, or a clock that was set back."""
    seen = Watching(topics, inbox)
    path = inbox / forecast_runs[0].name
    path.write_bytes(forecast_runs[0].read_bytes())
    os.utime(path, (seen.clock.now + ahead_s, seen.clock.now + ahead_s))
    seen.look(10)
    assert files_read(topics) == [path.name]


@pytest.mark.parametrize("ahead_s", [900.0, 400 * 86_400.0])
def test_an_incomplete_run_from_the_future_is_waited_for_and_then_given_up(
    inbox, topics, forecast_runs, ahead_s
) -> None:
    seen = Watching(topics, inbox)
    path = inbox / forecast_runs[0].name
    path.write_bytes(forecast_runs[0].read_bytes()[:5000])
    os.utime(path, (seen.clock.now + ahead_s, seen.clock.now + ahead_s))
    seen.look(GIVE_UP_S / 2)
    assert told(topics) == ([], [])
    seen.look(GIVE_UP_S)
    assert ["not complete" in reject.reason for reject in told(topics)[1]] == [True]


def test_an_upload_from_the_future_that_does_not_go_on_is_named(inbox, topics) -> None:
    seen = Watching(topics, inbox)
    path = hours(inbox / "a.csv.part")
    os.utime(path, (seen.clock.now + 400 * 86_400.0,) * 2)
    seen.look(GIVE_UP_S / 2)
    assert told(topics) == ([], [])
    seen.look(GIVE_UP_S)
    assert [reject.file for reject in told(topics)[1]] == ["a.csv.part"]
