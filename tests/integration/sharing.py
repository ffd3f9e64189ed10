"""The pipeline, with checkpoints that share files however small its state is: `python -m tests.integration.sharing`.

Else what is below 64 kB stands in the checkpoint's list, and a test would need months of data before one names another's file.
"""

from __future__ import annotations

import sys

from streams.pipeline import keeping
from streams.pipeline.__main__ import main

if __name__ == "__main__":
    shipped = keeping.options
    keeping.options = lambda: {**shipped(), "execution.checkpointing.data-inline-threshold": "1b"}
    sys.exit(main())
