"""The virtual airshed: a nature run of the Chengdu Plain with known truth. All that it gives is simulated, and says so."""
