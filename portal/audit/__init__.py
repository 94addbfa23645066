"""Who did what, when, and what it was before: a record that nobody can change."""
