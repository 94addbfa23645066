"""Patchworks."""
