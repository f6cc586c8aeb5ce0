"""get_event_loop raises where there is no loop."""

import asyncio
import warnings

if __name__ == "__main__":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            asyncio.get_event_loop().close()
            print("makes a loop", end="")
        except RuntimeError:
            print("RuntimeError", end="")
    print(", and warns" if caught else "")
