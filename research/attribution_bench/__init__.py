"""The scorecard of the attribution: worlds whose truth is known, methods that do not know it, and how far apart they are.

    python -m research.attribution_bench scorecard FOLDER        # worlds, judging, page: the whole
    python -m research.attribution_bench worlds FOLDER --seeds 31-33 --days 15
    python -m research.attribution_bench judge FOLDER --seeds 31-33 --days 15 --development
    python -m research.attribution_bench freeze

Everything is SIMULATED. docs/attribution.md tells how it is scored.
"""
