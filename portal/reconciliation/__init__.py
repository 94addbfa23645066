"""Comparisons between systems, made by the clock and whatever the corridor believes."""
