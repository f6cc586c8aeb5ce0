"""What asyncio costs and gains, measured on your machine."""

NAMES = ("many_requests",)  # each a file beside this one
