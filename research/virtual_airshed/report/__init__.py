"""The page that shows how the virtual airshed behaves: one run, gathered in one pass, as one HTML file. SIMULATED."""
