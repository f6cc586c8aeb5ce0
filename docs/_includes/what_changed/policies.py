"""Event loop policies are deprecated."""

import asyncio
import warnings

if __name__ == "__main__":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.get_event_loop_policy()
    names = [each.category.__name__ for each in caught]
    print(*names or ["silent"])
