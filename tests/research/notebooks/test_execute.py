"""Notebooks from the command line: what is written, and what a fault looks like."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from research.notebooks import __main__ as command


@pytest.fixture
def made(tmp_path: Path, monkeypatch):
    """Two notebooks, one of which fails, in place of those of the project."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    good = new_notebook(cells=[new_code_cell("import research.notebooks.execute as e\nprint(e.ROOT.name != '')")])
    bad = new_notebook(cells=[new_code_cell("1 / 0")])
    paths = (tmp_path / "01_good.ipynb", tmp_path / "02_bad.ipynb")
    for path, notebook in zip(paths, (good, bad), strict=True):
        nbformat.write(notebook, path)
    monkeypatch.setattr(command, "notebooks", lambda: paths)
    return paths


def test_a_copy_has_the_outputs_and_the_notebook_stays_as_it_was(made, tmp_path) -> None:
    before = made[0].read_bytes()
    assert command.main([str(tmp_path / "out"), "1"]) == 0
    copy = nbformat.read(tmp_path / "out" / "01_good.ipynb", as_version=4)
    assert copy.cells[0].outputs[0].text == "True\n"
    assert made[0].read_bytes() == before


def test_a_cell_that_fails_ends_with_1_and_leaves_no_copy(made, tmp_path, caplog) -> None:
    assert command.main([str(tmp_path / "out")]) == 1
    assert "02_bad.ipynb" in caplog.text and "ZeroDivisionError" in caplog.text
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["01_good.ipynb"]


def test_a_number_that_there_is_not_is_wrong_usage(made, tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([str(tmp_path / "out"), "9"])
    assert ended.value.code == 2
    assert "there is no notebook 9" in capsys.readouterr().err
