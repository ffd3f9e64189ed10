"""The virtual airshed: a simulated year of the Chengdu Plain with known sources, and what the platform would be sent of it."""
