"""Finance: what was sold, shipped, paid and given back, tied out, and periods that stay closed."""
