"""Products: what the master of a pair says of them reaches the other side, and what does not fit together becomes a case."""
