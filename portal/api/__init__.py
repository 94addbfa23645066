"""The portal as an API: flows push orders, shipments, returns and refunds, pull what they must show, and look up mappings."""
