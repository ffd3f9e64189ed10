"""Readers of mechanisms: what the formats say, and refusals in words."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from research.chemistry import Windows, compiled, integrate, photolysis
from research.chemistry.rate_constants import rate_constants
from research.chemistry.readers.f0am import read_f0am
from research.chemistry.readers.facsimile import read_facsimile
from research.chemistry.readers.kpp import read_kpp
from research.chemistry.readers.musica_json import read_musica

# A part of the methane subset of MCM v3.3.1 (mcm.york.ac.uk; Saunders et al. 2003), as the MCM exports it.
FAC = """\
****************************************************** ;
* MCMv3.3.1 Subset generated for: CH4 ;
VARIABLE
 O3 NO NO2 OH HO2 CO CH4 CH3O2
HCHO CH3OOH CH3O ;
* Generic Rate Coefficients ;
KRO2NO = 2.7D-12*EXP(360/TEMP) ;
KCH3O2 = 1.03D-13*EXP(365/TEMP) ;
K80 = 3.2D-30*M*(TEMP/300)@-4.5 ;
K8I = 3.0D-11 ;
KR8 = K80/K8I ;
FC8 = 0.41 ;
NC8 = 0.75-1.27*(LOG10(FC8)) ;
F8 = 10@(LOG10(FC8)/(1+(LOG10(KR8)/NC8)**2)) ;
KMT08 = (K80*K8I)*F8/(K80+K8I) ;
KMT05 = 1.44D-13*(1+(M/4.2D+19)) ;
* Peroxy radicals. ;
RO2 = CH3O2 ;
* Reaction definitions. ;
% 1.4D-12*EXP(-1310/TEMP) : NO + O3 = NO2 ;
% J<4> : NO2 = NO + O3 ;
% KMT08 : OH + NO2 = HNO3 ;
% KMT05 : OH + CO = HO2 ;
% 3.45D-12*EXP(270/TEMP) : HO2 + NO = OH + NO2 ;
% 1.85D-12*EXP(-1690/TEMP) : OH + CH4 = CH3O2 ;
% 2.3D-12*EXP(360/TEMP)*0.999 : CH3O2 + NO = CH3O + NO2 ;
% 2*KCH3O2*RO2*7.18*EXP(-885/TEMP) :
    CH3O2 = CH3O ;
% 7.2D-14*EXP(-1080/TEMP)*O2 : CH3O = HCHO + HO2 ;
% J<11> : HCHO = CO + HO2 + HO2 ;
% 4.0D-12 : O + O3 = ;
"""

KPP = """\
#INCLUDE atoms
{ a comment : with = signs ; }
#EQUATIONS
<R1> NO + O3 = NO2            : ARR2(1.4E-12, -1310.) ;
<R2> NO2 + hv = NO + O3       : J(4) ;   // light
{3.} OH + NO2 {+ M} = HNO3    : FALL(2.0e-30, 0.0, -3.0, 2.5e-11, 0.0, 0.0, 0.6) ;
<R4> OH + CO = HO2            : EP3(1.44e-13, 0.0, 3.43e-33, 0.0) ;
<R5> O + O2 + M = O3          : 6.0d-34*(TEMP/300.0_dp)**(-2.4) ;
<R6> HO2 + NO = 2OH + 0.5 NO2 : 3.0E-12_dp*EXP(250._dp/TEMP) ;
"""

F0AM = """\
% methane, as F0AM holds it
SpeciesToAdd = {...
'O3'; 'NO'; 'NO2'; 'CH3O2'; ...
'CH3O'; };

RO2ToAdd = {...
'CH3O2'; };

AddSpecies

i=i+1;
Rnames{i} = 'NO + O3 = NO2';
k(:,i) = 1.4e-12.*exp(-1310./T); % IUPAC
Gstr{i,1} = 'NO'; Gstr{i,2} = 'O3';
fNO(i)=fNO(i)-1; fO3(i)=fO3(i)-1; fNO2(i)=fNO2(i)+1;

i=i+1;
Rnames{i} = 'NO2 + hv = NO + O3';
k(:,i) = J4;
Gstr{i,1} = 'NO2';
fNO2(i)=fNO2(i)-1; fNO(i)=fNO(i)+1; fO3(i)=fO3(i)+1;

i=i+1;
Rnames{i} = 'CH3O2 = CH3O';
k(:,i) = 2.*KCH3O2.*7.18.*exp(-885./T);
Gstr{i,1} = 'CH3O2'; Gstr{i,2} = 'RO2';
fCH3O2(i)=fCH3O2(i)-1; fCH3O(i)=fCH3O(i)+1;

i=i+1;
Rnames{i} = 'OH + NO2 = HNO3';
k(:,i) = K_OH_NO2;
Gstr{i,1} = 'OH'; Gstr{i,2} = 'NO2';
fOH(i) = -1; fNO2(i) = -1; fHNO3(i) = 1;
"""

CONSTANTS = """\
function K = Made_K(Met)
struct2var(Met)
nk = 2; %number of rate constants
krx = nan(length(T),nk);
Knames = cell(nk,1);
i=0;
i=i+1;
Knames{i} = 'KCH3O2';
LPL = 1.03e-13;
krx(:,i) = LPL.*exp(365./T);
i=i+1;
Knames{i} = 'K_OH_NO2';
LPL = 2.0E-30.*((T./300).^(-3.0)).*M ;
HPL = 2.5E-11 ;
krx(:,i) = (LPL./(1+LPL./HPL)).*0.6.^(1./(1+(log10(LPL./HPL)).^2)) ;
"""

TEMPERATURE, PRESSURE = 290.0, 95000.0
AIR = PRESSURE / (1.380649e-23 * TEMPERATURE) * 1e-6
"""Molecules in a cm3."""


def constants(mechanism, **light):
    """Rate constants [cm3, molecules, s], the species of the air not multiplied in."""
    weather = {
        "temperature_k": np.array([TEMPERATURE]),
        "pressure_pa": np.array([PRESSURE]),
        "h2o_ppb": np.array([1e7]),
    }
    told = rate_constants(mechanism, **weather, photolysis_s1={k: np.array([v]) for k, v in light.items()})[0]
    unknowns = [sum(c for s, c in r.reactants.items() if s not in mechanism.air) for r in mechanism.reactions]
    return [k / (AIR * 1e-9) ** (n - 1.0) for k, n in zip(told, unknowns, strict=True)]


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def troe(low, high, fc, n=1.0):
    return low * high / (low + high) * fc ** (1.0 / (1.0 + (math.log10(low / high) / n) ** 2))


def test_an_export_of_the_mcm_is_read(tmp_path):
    mechanism = read_facsimile(write(tmp_path, "ch4.fac", FAC))
    assert len(mechanism.reactions) == 11
    assert mechanism.photolysis_names == ("J4", "J11")
    told = constants(mechanism, J4=8e-3, J11=3e-5)
    # The formulas of the text, written out by hand.
    low = 3.2e-30 * AIR * (TEMPERATURE / 300.0) ** -4.5
    assert told[0] == pytest.approx(1.4e-12 * math.exp(-1310 / TEMPERATURE))
    assert told[1] == 8e-3
    assert told[2] == pytest.approx(troe(low, 3.0e-11, 0.41, 0.75 - 1.27 * math.log10(0.41)))
    assert told[3] == pytest.approx(1.44e-13 * (1.0 + AIR / 4.2e19))
    assert told[7] == pytest.approx(2 * 1.03e-13 * math.exp(365 / TEMPERATURE) * 7.18 * math.exp(-885 / TEMPERATURE))
    assert told[8] == pytest.approx(7.2e-14 * math.exp(-1080 / TEMPERATURE) * 0.2095 * AIR)
    assert dict(mechanism.reactions[9].products) == {"CO": 1.0, "HO2": 2.0}
    assert dict(mechanism.reactions[10].products) == {}


def test_ro2_is_the_sum_of_its_members(tmp_path):
    mechanism = read_facsimile(write(tmp_path, "ch4.fac", FAC))
    assert dict(mechanism.sums) == {"RO2": ("CH3O2",)}
    own = mechanism.reactions[7]
    assert dict(own.reactants) == {"CH3O2": 1.0, "RO2": 1.0} and own.products["RO2"] == 0.0
    assert mechanism.reactions[5].products["RO2"] == 1.0 and mechanism.reactions[6].products["RO2"] == -1.0
    windows = Windows(
        seconds=300.0, temperature_k=np.full(12, 298.0), pressure_pa=1e5, h2o_ppb=1e7,
        photolysis_s1=photolysis(mechanism, np.full(12, 0.8)),
    )  # fmt: skip
    start = {"O3": 40.0, "NO": 0.1, "NO2": 0.4, "CO": 200.0, "CH4": 1900.0, "HCHO": 5.0}
    run = integrate(compiled(mechanism), start, windows, rtol=1e-6, atol_ppb=1e-9)
    np.testing.assert_allclose(run.ppb("RO2"), run.ppb("CH3O2"), rtol=1e-6)
    assert run.ppb("CH3O2").max() > 1e-3


def test_all_ways_of_writing_in_an_export_are_understood(tmp_path):
    # Lines of the ethene subset of MCM v3.3.1 and of its newer header, whose comments do not end.
    text = (
        "*****\n*  A citation to\n* the MCM website: x = y\n*\nVARIABLE\n A B ;\n"
        "KCH3O2 = 1.03D-13*EXP(365/TEMP) ;\nKMT06 = 1 + (1.40D-21*EXP(2200/TEMP)*H2O) ;\nKRO2 = 1.26D-12*RO2 ;\n"
        "FC17 = 0.17*EXP(-51/TEMP)+EXP(-TEMP/204) ;\n"
        "RO2 = A + HOCH2CO3 +\n HCOCO3 ;\n% 2*(KCH3O2*7.8D-14*EXP(1000/TEMP))@0.5*RO2*0.2 : A = B ;\n"
        "% J<56>*4.3 : B = 2.0 NO2 + 2HCHO ;\n% KRO2*0.5 : A = ;\n% KMT06*FC17 : B = A ;\n"
    )
    mechanism = read_facsimile(write(tmp_path, "c2h4.fac", text))
    told = constants(mechanism, J56=1e-6)
    t = TEMPERATURE
    assert told[0] == pytest.approx(0.4 * math.sqrt(1.03e-13 * math.exp(365 / t) * 7.8e-14 * math.exp(1000 / t)))
    assert told[1] == pytest.approx(4.3e-6) and dict(mechanism.reactions[1].products) == {"NO2": 2.0, "HCHO": 2.0}
    assert told[2] == pytest.approx(0.63e-12) and mechanism.reactions[2].reactants["RO2"] == 1.0
    water = 1.0 + 1.4e-21 * math.exp(2200 / t) * 0.01 * AIR
    assert told[3] == pytest.approx(water * (0.17 * math.exp(-51 / t) + math.exp(-t / 204)))
    assert dict(mechanism.sums) == {"RO2": ("A",)}  # the others take part in no reaction here


def test_equations_of_kpp_are_read(tmp_path):
    mechanism = read_kpp(write(tmp_path, "small.eqn", KPP))
    told = constants(mechanism, J4=8e-3)
    assert told[0] == pytest.approx(1.4e-12 * math.exp(-1310 / TEMPERATURE))
    assert told[1] == 8e-3
    assert told[2] == pytest.approx(troe(2.0e-30 * AIR * (TEMPERATURE / 300.0) ** -3.0, 2.5e-11, 0.6))
    assert told[3] == pytest.approx(1.44e-13 + 3.43e-33 * AIR)
    assert told[4] == pytest.approx(6.0e-34 * (TEMPERATURE / 300.0) ** -2.4 * 0.2095 * AIR * AIR)
    assert dict(mechanism.reactions[5].products) == {"OH": 2.0, "NO2": 0.5}


def test_an_mcm_export_for_kpp_takes_its_constants_from_elsewhere(tmp_path):
    text = (
        "#INLINE F90_RCONST\nRO2 = &\n C(ind_CH3O2) + &\n C(ind_C2H5O2)\nCALL mcm_constants(time, temp, M)\n#ENDINLINE\n"
        "#EQUATIONS\n{1.} CH3O2 + NO = CH3O : KRO2NO ;\n{2.} CH3O2 = CH3O : 2*KCH3O2*RO2 ;\n"
    )
    path = write(tmp_path, "mcm.kpp", text)
    named = read_facsimile(write(tmp_path, "ch4.fac", FAC)).definitions
    mechanism = read_kpp(path, definitions=named)
    assert constants(mechanism)[0] == pytest.approx(2.7e-12 * math.exp(360 / TEMPERATURE))
    assert dict(mechanism.sums) == {"RO2": ("CH3O2",)}
    with pytest.raises(
        ValueError, match=r"mcm\.kpp, line 8 \(CH3O2 \+ NO = CH3O\): rate 'KRO2NO' wants 'KRO2NO', which is not defined"
    ):
        read_kpp(path)


def test_a_mechanism_of_f0am_is_read(tmp_path):
    mechanism = read_f0am(write(tmp_path, "ch4.m", F0AM), constants=write(tmp_path, "Made_K.m", CONSTANTS))
    told = constants(mechanism, J4=8e-3)
    assert told[0] == pytest.approx(1.4e-12 * math.exp(-1310 / TEMPERATURE))
    assert told[2] == pytest.approx(2 * 1.03e-13 * math.exp(365 / TEMPERATURE) * 7.18 * math.exp(-885 / TEMPERATURE))
    assert told[3] == pytest.approx(troe(2.0e-30 * AIR * (TEMPERATURE / 300.0) ** -3.0, 2.5e-11, 0.6))
    assert dict(mechanism.reactions[2].reactants) == {"CH3O2": 1.0, "RO2": 1.0}
    assert mechanism.reactions[2].products["RO2"] == 0.0


@pytest.mark.parametrize(
    ("read", "name", "text", "words"),
    [
        (read_facsimile, "a.fac", "% calcKMT15(TEMP) : C2H4 + OH = X ;", r"a\.fac, line 1 \(C2H4 \+ OH = X\): .*form 'calcKMT15'"),
        (read_facsimile, "a.fac", "* x ;\n\n% KMT99 : A = B ;", r"a\.fac, line 3 \(A = B\): .*'KMT99', which is not defined"),
        (read_facsimile, "a.fac", "% 1.0 : A + 2?x = B ;", r"a\.fac, line 1: '2\?x' stands in a reaction"),
        (read_facsimile, "a.fac", "% 1.0 A = B ;", "expected % rate"),
        (read_facsimile, "a.fac", "EXECUTE OPEN 7 ;", r"a\.fac, line 1: 'EXECUTE OPEN 7'"),
        (read_facsimile, "a.fac", "RO2 = A ;\n% 1.0+RO2 : A = B ;", r"a\.fac, line 2 \(A = B\): .*expected RO2 as a factor"),
        (read_facsimile, "a.fac", "% 1.0*( : A = B ;", "expected an expression"),
        (read_facsimile, "a.fac", "% 'x'*2 : A = B ;", "expected numbers, names"),
        (read_facsimile, "a.fac", "* nothing ;", "no reaction"),
        (read_kpp, "a.eqn", "#EQUATIONS\n\nA = B : GCARR_ac(1.0, 2.0) ;", r"a\.eqn, line 3 \(A = B\): .*form 'GCARR_ac'"),
        (read_kpp, "a.eqn", "#EQUATIONS\nA = B : ARR(1.0) ;", r"a\.eqn, line 2 \(A = B\): ARR\(1\.0\) has 1 arguments, expected 3"),
        (read_kpp, "a.eqn", "#EQUATIONS\nA = B ;", r"a\.eqn, line 2: 'A = B', expected reactants = products : rate"),
        (read_kpp, "a.eqn", "#EQUATIONS\nA = B : 1.0 ;\nB =\n D : 1.2e-1", r"a\.eqn, line 3: .B = D : 1.2e-1. has no ; at"),
        (read_facsimile, "a.fac", "% 1.0 : A = B ;\n% 1.0 : B = ", r"a\.fac, line 2: .* has no ; at its end"),
        (read_kpp, "a.eqn", "#EQUATIONS\nA = B : 1.0 ;\nB = A : ARR2(-1.4E-12, -1310.) ;", r"a\.eqn, line 3: .* is negative"),
        (read_facsimile, "a.fac", "K = -2.0D-12 ;\n% J<4> : A = B ;\n% K*EXP(3/TEMP) : B = A ;", r"a\.fac, line 3: .* negative"),
        (read_f0am, "a.m", "i=i+1;\nk(:,i) = -1.4e-12;\nGstr{i,1} = 'A';\nfA(i)=fA(i)-1;", r"a\.m, line 2: .* is negative"),
        (read_musica, "a.json", '{"reactions": [\n{"type": "ARRHENIUS",\n"A": -2.0}]}', r"a\.json, line 3: A of ARRHENIUS is -2"),
        (read_f0am, "a.m", "i=i+1;\nk(:,i) = K_X;\nGstr{i,1} = 'A';", r"a\.m, line 2 \(A = A\): .*'K_X', which is not defined"),
        (read_f0am, "a.m", "i=i+1;\nk(:,i) = 1;\nfA(i)=fA(i)-1;", r"a\.m, line 2: A is used up and does not come in"),
        (read_f0am, "a.m", "i=i+1;\nplot(x)", r"a\.m, line 2: 'plot\(x\)'"),
        (read_musica, "a.json", '{"reactions": [', r"a\.json, line 1: no JSON"),
        (read_musica, "a.json", "{}", "no list"),
        (read_musica, "a.json", '{"reactions": [\n{"type": "LAMBDA"}]}', r"a\.json, line 2 \(nothing = nothing\): .*'LAMBDA'"),
        (read_musica, "a.json", '{"reactions": [\n\n{"type": "PHOTOLYSIS"}]}', r"a\.json, line 3: PHOTOLYSIS without a name"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_with_its_line(read, name, text, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        read(write(tmp_path, name, text))


def test_a_rate_cannot_run_a_program(tmp_path):
    for rate in ("__import__('os').getcwd()", "(1).__class__", "[x for x in T]", "exp.__globals__"):
        with pytest.raises(ValueError, match=r"a\.fac, line 1"):
            read_facsimile(write(tmp_path, "a.fac", f"% {rate} : A = B ;"))


def test_energies_of_activation_of_musica_are_read(tmp_path):
    # MUSICA's Arrhenius with Ea [J]: C = -Ea / k_B.
    entry = {
        "type": "ARRHENIUS",
        "A": 2.0,
        "Ea": 1.380649e-20,
        "reactants": [{"name": "A"}],
        "products": [{"name": "B"}],
    }
    path = write(tmp_path, "a.json", json.dumps({"name": "a", "reactions": [entry]}))
    assert constants(read_musica(path))[0] == pytest.approx(2.0 * math.exp(-1000.0 / TEMPERATURE))
