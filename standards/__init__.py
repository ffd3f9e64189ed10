"""What the law and the literature say about air and water quality: pure, NumPy only, no clock and no files but its own tables."""
