"""Warnings of heavy-pollution weather: plans as dated data, and the state machine that follows one."""
