"""How wrong the answers to "what if less were emitted" are: judged on nature runs with and without cuts. SIMULATED.

    python -m research.scenario_trial --work FOLDER

    cuts that begin in the middle of a run                  kinds
    the true change: one nature run less another            worlds
    what the tags of the fraternal twins answer             answers
    errors, beside those of the baselines                   scores

The numbers that the product shows beside every effect (ml/scenario/shown.toml) come from here: tuned on some seeds,
reported on others. Nothing of a nature run reaches what is judged but what stations would have measured of it."""
