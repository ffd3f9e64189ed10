"""Receptor model: which sources the measured compounds came from, by positive matrix factorisation, with honest intervals."""

from research.receptor.factorise import factorise
from research.receptor.refusals import ReceptorError
from research.receptor.solution import Settings, Solution
from research.receptor.table import Table, signal_to_noise, table_of, with_categories

__all__ = [
    "ReceptorError",
    "Settings",
    "Solution",
    "Table",
    "factorise",
    "signal_to_noise",
    "table_of",
    "with_categories",
]
