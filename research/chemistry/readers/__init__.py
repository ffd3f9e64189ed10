"""Readers of mechanisms in the formats of others: MUSICA, FACSIMILE (MCM), KPP, F0AM."""
