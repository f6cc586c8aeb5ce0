"""No event loop at all."""

print("nothing to wait for")
