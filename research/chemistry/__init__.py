"""Chemistry of the gas phase: mechanisms as data, and a solver of our own for many boxes of air at once.

    mechanism = reduced(load_mechanism("t1s2"), present=("O3", "NO", "NO2", "CO", "CH4", "C2H4"), to=("O3",))
    kernel = compiled(mechanism)
    windows = Windows(seconds=300, temperature_k=t, pressure_pa=p, h2o_ppb=w, photolysis_s1=photolysis(mechanism, cosine))
    integrate(kernel, {"O3": 30.0, "NO": no_ppb, …}, windows).ppb("O3")

docs/chemistry.md says what each takes and gives.
"""

from research.chemistry.kernel import Kernel, compiled
from research.chemistry.mechanism import Mechanism, load_mechanism, reduced
from research.chemistry.pathways import Pathways, pathways
from research.chemistry.runs import Run, integrate
from research.chemistry.sunlight import photolysis
from research.chemistry.windows import Windows

__all__ = [
    "Kernel",
    "Mechanism",
    "Pathways",
    "Run",
    "Windows",
    "compiled",
    "integrate",
    "load_mechanism",
    "pathways",
    "photolysis",
    "reduced",
]
