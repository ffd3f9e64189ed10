"""How well forecasts did: scores of concentrations, of indices and of events, benchmarks, FAIRMODE."""
