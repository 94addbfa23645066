"""The Mirakl connector without a network: what it reads, and what it sends."""
