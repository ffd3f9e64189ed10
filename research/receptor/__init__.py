"""Receptor model: which sources the measured compounds came from, by positive matrix factorisation, with honest intervals."""

from research.receptor.bootstrap import Bootstrap, BootstrapDisplacement, bootstrap, bootstrap_displacement
from research.receptor.constraints import AValue, Between, Constrained, Pull, Ratio, constrain, rotate
from research.receptor.displacement import Displacement, displace
from research.receptor.epa_files import read_epa
from research.receptor.epa_writing import write_epa
from research.receptor.factorise import factorise
from research.receptor.naming import named, propose_names
from research.receptor.refusals import ReceptorError
from research.receptor.rolling import NewHours, Rolled, contributions_of, contributions_to, roll
from research.receptor.solution import Settings, Solution
from research.receptor.study import Study, study
from research.receptor.table import Table, signal_to_noise, table_of, with_categories

__all__ = [
    "AValue", "Between", "Bootstrap", "BootstrapDisplacement", "Constrained", "Displacement", "NewHours", "Pull", "Ratio",
    "ReceptorError", "Rolled", "Settings", "Solution", "Study", "Table", "bootstrap", "bootstrap_displacement", "constrain",
    "contributions_of", "contributions_to", "displace", "factorise", "named", "propose_names", "read_epa", "roll", "rotate",
    "signal_to_noise", "study", "table_of", "with_categories", "write_epa",
]  # fmt: skip
