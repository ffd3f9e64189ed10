"""Which species of CMAQ-ISAM and which tracers of CAMx make our quantities: tables, and the choice among what a file has.

A sum is made only where the species are there without which it would be another thing.

Sources: CMAQ User's Guide chapter 11 (tag classes of ISAM); CMAQ's species definitions of cb6r3_ae7_aq and cb6r3_ae6_aq; CAMx
User's Guide, chapter on source apportionment (families of OSAT and PSAT). Molar masses: IUPAC 2021 standard atomic weights.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from streams.sources.forecasts.variables import MOLAR_MASS_G

O3, NO2, SO2, CO = (MOLAR_MASS_G[name] for name in ("o3", "no2", "so2", "co"))
HNO3, NH3 = 63.012, 17.031
"""[g/mol]."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A quantity as a sum of species: name to the molar mass [g/mol] as which it is counted, 0 for particles.

    needed: of each group at least one species has to be there.
    """

    species: Mapping[str, float]
    needed: tuple[tuple[str, ...], ...]

    def lacks(self, names: Collection[str]) -> str:
        """Name what is missing for the sum, nothing where it can be made of these names."""
        return ", ".join(" or ".join(group[:3]) for group in self.needed if not set(group) & set(names))


def _all(**species: float) -> Recipe:
    return Recipe(species, tuple((name,) for name in species))


def _modes(*names: str, modes: str = "IJ") -> dict[str, float]:
    return {f"{name}{mode}": 0.0 for name in names for mode in modes}


def _any(species: Mapping[str, float], *needed: tuple[str, ...]) -> Recipe:
    return Recipe(species, needed)


_SULPHATE, _NITRATE, _AMMONIUM = (_modes(name) for name in ("ASO4", "ANO3", "ANH4"))
_EVAPORATING = _modes("ALVPO1", "ASVPO1", "ASVPO2") | _modes("ASVPO3", "AIVPO1", modes="J")
_PRIMARY = (
    _modes("AEC", "APOC", "APNCOM", "AOTHR", "ANA", "ACL")
    | _modes("AMG", "AK", "ACA", "AFE", "AAL", "ASI", "ATI", "AMN", modes="J")
    | _EVAPORATING
)
_SOA = _modes("ALVOO1", "ALVOO2", "ASVOO1", "ASVOO2") | _modes(
    "ASVOO3", "APCSO", "AISO1", "AISO2", "AISO3", "AMT1", "AMT2", "AMT3", "AMT4", "AMT5", "AMT6", "AMTNO3", "AMTHYD", "AISOPNN",
    "AIETET", "AIEOS", "ADIM", "AIMGA", "AIMOS", "AGLY", "ASQT", "AORGC", "AOLGA", "AOLGB", "AAVB1", "AAVB2", "AAVB3", "AAVB4",
    "ATRP1", "ATRP2", "AALK1", "AALK2", "AXYL1", "AXYL2", "AXYL3", "ATOL1", "ATOL2", "ATOL3", "ABNZ1", "ABNZ2", "ABNZ3", "APAH1",
    "APAH2", "APAH3", modes="J",
)  # fmt: skip
_COARSE = dict.fromkeys(("ASOIL", "ACORS", "ASEACAT", "ASO4K", "ANO3K", "ANH4K", "ACLK"), 0.0)
_OF_PRIMARY = (("AECJ",), ("APOCJ", "ALVPO1J"), ("AOTHRJ",))
_OF_PM25 = (("ASO4J",), ("ANO3J",), ("ANH4J",), *_OF_PRIMARY, tuple(_SOA))
_OF_COARSE = (("ACORS",), ("ASOIL",))

ISAM: dict[str, tuple[Recipe, ...]] = {
    "so2": (_all(SO2=SO2),), "no2": (_all(NO2=NO2),), "nox": (_all(NO=NO2, NO2=NO2), _all(NOX=NO2)), "co": (_all(CO=CO),),
    "o3": (_all(O3=O3),), "ox": (_all(O3=O3, NO2=O3),),
    "pm10": (
        _all(PM10=0.0),
        _any(_SULPHATE | _NITRATE | _AMMONIUM | _PRIMARY | _SOA | _COARSE, *_OF_PM25, *_OF_COARSE),
    ),
    "pm25": (
        _all(PM25_TOT=0.0), _all(PM25=0.0), _any(_SULPHATE | _NITRATE | _AMMONIUM | _PRIMARY | _SOA, *_OF_PM25),
    ),
    "pm25_primary": (_any(_PRIMARY, *_OF_PRIMARY),), "coarse": (_any(_COARSE, *_OF_COARSE),),
    "sulphate": (_any(_SULPHATE, ("ASO4J",)),), "nitrate": (_any(_NITRATE, ("ANO3J",)),),
    "ammonium": (_any(_AMMONIUM, ("ANH4J",)),), "soa": (_any(_SOA, tuple(_SOA)),),
    "nitric_acid": (_all(HNO3=HNO3),), "ammonia": (_all(NH3=NH3),),
    "alkenes": (_all(ETH=28.054, OLE=42.081, IOLE=56.108),), "aromatics": (_all(BENZENE=78.114, TOL=92.141, XYLMN=106.168),),
    "ovoc": (_all(FORM=30.026, ALD2=44.053, ALDX=58.080, ACET=58.080),), "isoprene": (_all(ISOP=68.119),),
}  # fmt: skip
"""Quantity to its recipes, the first that a file can serve is taken; species by the names of CMAQ (CB6, AERO6 and AERO7)."""

_CAMX_SOA = dict.fromkeys(("PO1", "PO2", "PO3", "PO4", "PPA", "PPB"), 0.0)
_CAMX_PRIMARY = dict.fromkeys(("PEC", "POA", "PFC", "PFN"), 0.0)
_CAMX_IONS = dict.fromkeys(("PS4", "PN3", "PN4"), 0.0)
_CAMX_COARSE = dict.fromkeys(("PCC", "PCS"), 0.0)
_EACH = tuple((name,) for name in (*_CAMX_IONS, *_CAMX_PRIMARY))

CAMX: dict[str, tuple[Recipe, ...]] = {
    "so2": (_all(SO2=SO2),), "nox": (_all(NIT=NO2, RGN=NO2), _all(NOX=NO2)), "o3": (_all(O3N=O3, O3V=O3),),
    "pm10": (
        _any(_CAMX_IONS | _CAMX_PRIMARY | _CAMX_SOA | _CAMX_COARSE, *_EACH, tuple(_CAMX_SOA), ("PCC",), ("PCS",)),
    ),
    "pm25": (_any(_CAMX_IONS | _CAMX_PRIMARY | _CAMX_SOA, *_EACH, tuple(_CAMX_SOA)),),
    "pm25_primary": (_all(**_CAMX_PRIMARY),), "coarse": (_all(**_CAMX_COARSE),), "sulphate": (_all(PS4=0.0),),
    "nitrate": (_all(PN3=0.0),), "ammonium": (_all(PN4=0.0),), "soa": (_any(_CAMX_SOA, tuple(_CAMX_SOA)),),
    "nitric_acid": (_all(HN3=HNO3),), "ammonia": (_all(NH3=NH3),),
}  # fmt: skip
"""The same by families of tracers of CAMx; NO (NIT) and NO2 with NO3 and N2O5 (RGN) count as NO2."""


def chosen(recipes: tuple[Recipe, ...], names: Collection[str]) -> tuple[Recipe | None, str]:
    """Choose the first recipe that these names serve; else None, and what the last one lacks (empty where it has nothing)."""
    for recipe in recipes:
        if not recipe.lacks(names):
            return recipe, ""
    return None, recipes[-1].lacks(names) if set(recipes[-1].species) & set(names) else ""
