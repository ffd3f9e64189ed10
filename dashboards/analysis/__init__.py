"""What the analysis pages ask and compute: pure, on arrays of hours, without a store or a screen."""
