"""The pages of accounts and integrations."""
