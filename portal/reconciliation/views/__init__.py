"""The pages of the comparisons."""
