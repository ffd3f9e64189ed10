"""Forecast runs in NetCDF: IOAPI, WRF and CF layouts, grids, time axes, means over places."""
