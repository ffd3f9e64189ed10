"""Every folder of tests is a package, so that two files of one name in two folders never stop a whole run."""

from pathlib import Path

TESTS = Path(__file__).parent


def test_every_folder_of_tests_is_a_package():
    folders = {file.parent for file in TESTS.rglob("*.py") if "__pycache__" not in file.parts}
    assert len(folders) > 30
    missing = sorted(str(folder.relative_to(TESTS)) for folder in folders if not (folder / "__init__.py").is_file())
    assert not missing, f"an empty __init__.py is missing in tests/: {', '.join(missing)}"
