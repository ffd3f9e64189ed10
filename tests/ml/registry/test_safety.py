"""Two writers, a kill at any moment, and bytes of unknown origin: the registry says what was, and runs nothing it did
not write."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from ml.registry import files
from ml.registry.artefact import Artefact, arrays_part, json_part
from ml.registry.errors import RegistryError
from ml.registry.journal import Journal
from ml.registry.registry import Registry
from tests.ml.registry.made import NAME, artefact, card, registry, serving, trained
from tests.test_import_law import ROOT


class Killed(BaseException):
    """The process ends here."""


def killing(monkeypatch, at: int) -> list[str]:
    """Let the call number at, of all that reach the disk, be the last one."""
    calls: list[str] = []
    for name in ("link", "replace", "fsync", "unlink"):
        real = getattr(os, name)

        def call(*arguments, name=name, real=real, **options):
            calls.append(name)
            if len(calls) == at:
                raise Killed(name)
            return real(*arguments, **options)

        monkeypatch.setattr(files.os, name, call)
    return calls


def test_a_kill_at_any_call_leaves_what_was_or_what_is_and_the_same_again_finishes_it(tmp_path) -> None:
    at, cut = 0, 0
    while True:
        at += 1
        models = registry(tmp_path / str(at))
        serving(models, "1")
        trained(models, "2", error=4.0, weight=2.0)
        models.compare(NAME, "2", "1", by="李工")
        with pytest.MonkeyPatch.context() as patch:
            calls = killing(patch, at)
            try:
                trained(models, "3", error=3.0, weight=3.0)
                models.approve(NAME, "2", by="赵主任")
            except Killed:
                cut += 1
        again = registry(tmp_path / str(at))
        assert set(again.standings().serving) == {NAME}, "one of the two serves at any moment"
        assert again.standings().serving[NAME] in ("1", "2")
        again.train(card("3"), artefact(3.0))
        again.approve(NAME, "2", by="赵主任")
        assert again.standings().serving[NAME] == "2" and again.artefact(NAME, "3").digest == artefact(3.0).digest
        events = [e.event for e in again.history() if e.version == "2"]
        assert events == ["trained", "evaluated", "compared", "approved", "served"]
        if len(calls) < at:
            break
    assert cut == at - 1 > 20


def test_a_process_that_is_killed_leaves_a_registry_that_can_be_read(tmp_path) -> None:
    for delay in (0.05, 0.15, 0.3):
        command = [sys.executable, "-c", _WRITING, str(tmp_path / "models")]
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
        )
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        models = Registry(tmp_path / "models")
        for name, version in models.standings().versions:
            assert models.artefact(name, version).json("linear.json")["weights"]
            assert models.card(name, version).version == version
    assert len(models.standings().versions) > 3


_WRITING = """
import sys
from tests.ml.registry.made import artefact, card, registry
models = registry(__import__("pathlib").Path(sys.argv[1]))
first = len(models.history())
print("ready", flush=True)
for number in range(first + 1, first + 100_000):
    models.train(card(str(number)), artefact(float(number)))
"""


def _many(root: Path, mine: int, count: int) -> None:
    models = registry(root)
    for number in range(count):
        models.train(card(f"{mine}.{number}"), artefact(mine + number / 100))


def test_two_writers_lose_nothing_of_each_other(tmp_path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_many, args=(tmp_path / "models", mine, 25)) for mine in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    models = Registry(tmp_path / "models")
    assert {v for _, v in models.standings().versions} == {f"{mine}.{n}" for mine in (1, 2) for n in range(25)}
    assert len(models.history()) == 50


def test_of_two_who_roll_back_at_once_one_goes_back_one_step_and_the_other_decides_again(tmp_path) -> None:
    models = registry(tmp_path)
    serving(models, "1", "2", "3")
    gate, found = threading.Barrier(2), []

    def back() -> None:
        gate.wait()
        found.append(registry(tmp_path).roll_back(NAME, by="赵主任", why="drift"))

    threads = [threading.Thread(target=back) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["1", "2"] and models.standings().serving[NAME] == "1"


def test_a_decision_is_made_anew_on_what_another_writer_wrote_in_between(tmp_path) -> None:
    models = registry(tmp_path)
    trained(models)
    seen = []

    def decide(events):
        seen.append(len(events))
        if len(seen) == 1:
            registry(tmp_path).refuse(NAME, "1", by="赵主任", why="wrong units")
        return models._event("approved", NAME, "1", "李工", "")

    Journal(tmp_path / "journal").add(decide)
    assert seen == [2, 3]


def test_what_killed_writers_left_goes_after_a_day_and_not_before(tmp_path) -> None:
    models = registry(tmp_path)
    trained(models)
    old, new = (models.root / "journal" / name for name in (".tmp-old", ".tmp-new"))
    for path in (old, new):
        path.write_text("{")
    os.utime(old, (0, 0))
    models.train(card("2"), artefact(2.0))
    assert not old.exists() and new.exists()


class Bomb:
    def __reduce__(self):
        return (os.system, ("echo this must never run",))


def test_a_pickle_is_no_part_of_an_artefact_and_no_array_of_objects_is_read_or_written() -> None:
    with pytest.raises(RegistryError, match=r"a part 'model.pkl', expected lower case and one of .json, .npz, .txt"):
        Artefact({"model.pkl": pickle.dumps(Bomb())})
    with pytest.raises(RegistryError, match="holds objects"):
        arrays_part({"x": np.array([Bomb()], dtype=object)})
    target = io.BytesIO()
    np.savez(target, x=np.array([Bomb()], dtype=object))
    with pytest.raises(RegistryError, match="cannot be read"):
        Artefact({"model.npz": target.getvalue()}).arrays("model.npz")
    with pytest.raises(RegistryError, match="cannot be read"):
        Artefact({"model.npz": pickle.dumps(Bomb())}).arrays("model.npz")


def test_nothing_of_ml_can_load_a_pickle() -> None:
    words = ("import pickle", "joblib", "allow_pickle=True", "dill", "cloudpickle", "from pickle", "exec(", "eval(")
    found = [
        f"{path.name}: {word}"
        for folder in ("gates", "registry")
        for path in (ROOT / "ml" / folder).rglob("*.py")
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_equal_artefacts_have_equal_digests_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    one = {"a.npz": arrays_part({"x": rng.random(9), "y": np.arange(3)}), "b.json": json_part({"k": [1, None]})}
    rng = np.random.default_rng(0)
    x = rng.random(9)
    two = {"b.json": json_part({"k": [1, None]}), "a.npz": arrays_part({"y": np.arange(3), "x": x})}
    assert Artefact(one).digest == Artefact(two).digest
    assert Artefact({**one, "b.json": json_part({"k": [2, None]})}).digest != Artefact(one).digest
    assert Artefact({"c.json": one["b.json"], "a.npz": one["a.npz"]}).digest != Artefact(one).digest
    np.testing.assert_array_equal(Artefact(one).arrays("a.npz")["x"], x)
    with pytest.raises(RegistryError, match=r"no part c.json, expected one of a.npz, b.json"):
        Artefact(one).json("c.json")
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_part({"x": float("nan")})


@pytest.mark.parametrize("name", ["../x.json", "a/b.json", "A.json", ".hidden.json", "x", "x.py", "x.json\n"])
def test_a_part_cannot_be_named_like_a_path_or_a_program(name) -> None:
    with pytest.raises(RegistryError, match="has a part"):
        Artefact({name: b""})
