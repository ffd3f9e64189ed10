"""What a city remembers of the recent past, and the merges that make order, repetition and lateness not matter."""
