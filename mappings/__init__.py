"""Carriers, ship services, stores, warehouses and SKUs: what one system calls them and what the other does."""
