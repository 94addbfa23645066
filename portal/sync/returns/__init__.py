"""Goods and money that go back: the triangle of each order line, and what closes it."""
