"""The inbox's tests."""
