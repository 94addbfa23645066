"""What Lockstep knows of vendors: no Django, no database, nothing of the portal."""
