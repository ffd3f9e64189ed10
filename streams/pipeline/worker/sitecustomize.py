"""Read by Python at its start where this folder is in PYTHONPATH, which only the engine's Python workers have.

Beam's worker runs whatever it finds as /tmp/staged/pickled_main_session, and anybody may put that there; PyFlink has no setting
for the folder. Told that there is none, the worker looks nowhere. The module of this name that would stand here is run too.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

BOOT, NOWHERE = "pyflink.fn_execution.beam.beam_boot", "--semi_persist_dir="

if BOOT in sys.orig_argv:
    sys.argv.append(NOWHERE)

_folder = __file__.rpartition("/")[0]
if _next := PathFinder.find_spec(__name__, [path for path in sys.path if path != _folder]):
    _next.loader.exec_module(module_from_spec(_next))
