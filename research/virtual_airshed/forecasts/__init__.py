"""The stand-in for CDAQS: forecast runs of the virtual airshed by a model with flaws. All of it is simulated, and says so."""
