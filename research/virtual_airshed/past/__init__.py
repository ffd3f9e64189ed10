"""The demo's past: the months before the live demo began, by readers and desks into the store. SIMULATED."""
