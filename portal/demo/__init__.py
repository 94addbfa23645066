"""The demo: people, connections to the simulators, mappings, and a trickle of orders with the faults of a real day."""
