"""The inbox: what a person must decide, whose it is, and by when."""
