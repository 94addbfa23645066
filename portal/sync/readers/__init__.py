"""One reader for each kind of canonical object: into the ledger, and on to what follows from it."""
