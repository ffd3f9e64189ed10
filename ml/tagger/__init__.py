"""A light tagger: who caused a concentration, by trajectories in the weather of a forecast, where its model carries no tags."""
