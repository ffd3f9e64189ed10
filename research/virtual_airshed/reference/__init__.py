"""What the real air of the eight cities was like, in numbers, and how far the simulated air may be from it."""
