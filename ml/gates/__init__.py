"""What a model has to show before anybody may rely on it: honest splits, features that were known, scores that are checked."""
