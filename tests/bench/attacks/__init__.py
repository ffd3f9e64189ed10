"""Attacks on a running platform: kills, damage, requests, a full disk, clocks, locales, paths and doors.

`python -m tests.bench.attacks [--short] [--only kills,damage] [--seed N] [--json]` plays them against `airshed up` on a small
frozen input. An attack holds when the rows equal those of an undisturbed run, the fault is named once, no process is left and
nothing is left in the folder for temporary files. An attack that did not happen is an error and never a pass.
"""
