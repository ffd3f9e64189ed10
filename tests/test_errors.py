"""All errors of the project have one root, so that the command line can tell them from faults of the program."""

from __future__ import annotations

import ast
import builtins

import pytest

from infra.errors import FAILED, INTERNAL, explain
from standards.errors import AirshedError
from tests.test_import_law import ROOT, module_name, sources

ON_THEIR_OWN = {
    "infra.bootstrap": "runs on the standard library alone, before the project can be imported",
    "standards.errors": "the root itself",
}


def rootless(source: str) -> list[str]:
    """Give the classes that derive from a built-in exception and from no error of the project."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
            kinds = [getattr(builtins, name, None) for name in bases]
            raised = [isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds]
            if bases and all(raised):
                found.append(node.name)
    return found


def test_every_error_of_the_project_has_its_root() -> None:
    found = {
        f"{module_name(path, ROOT)}.{name}"
        for path in sources()
        if module_name(path, ROOT) not in ON_THEIR_OWN
        for name in rootless(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_an_error_without_the_root_is_found() -> None:
    assert rootless("class A(ValueError):\n    pass\nclass B(AirshedError, ValueError):\n    pass") == ["A"]


@pytest.mark.parametrize(
    ("error", "code"), [(AirshedError("x"), FAILED), (FileNotFoundError("x"), FAILED), (ValueError("x"), INTERNAL)]
)
def test_what_a_person_can_mend_is_told_from_a_fault_of_the_program(error, code) -> None:
    assert explain(error)[1] == code
