"""The weather of the virtual airshed: a few random series, and the fields that they and the season make."""
