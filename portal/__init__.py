"""The Django project: the roof (settings, corridor, reports) and the floor (accounts, audit, look)."""
