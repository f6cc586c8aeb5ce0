"""What asyncio costs and gains, measured on your machine."""

NAMES = ("many_requests", "cost_of_one")  # each a file beside this one
