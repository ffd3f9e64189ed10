"""Organic compounds: the 117 species, reactivity and potentials, diagnostic ratios, photochemical age."""
