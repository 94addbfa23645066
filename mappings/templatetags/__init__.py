"""Tags of the mapping pages."""
