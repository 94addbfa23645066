"""Accounts at vendors, and the integrations that join a sales channel to a warehouse hub."""
