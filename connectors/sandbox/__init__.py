"""Local HTTP simulators of every vendor, written from the vendors' records and from nothing of ours."""
