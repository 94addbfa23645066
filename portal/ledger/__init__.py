"""What we know of orders, shipments, stock and money, and what we expect to happen next."""
