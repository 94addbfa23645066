"""`make bench`: the numbers to hold, as ratios measured in one run."""
