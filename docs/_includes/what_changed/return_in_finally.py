"""Python warns of a return in finally, which swallows errors."""

import warnings

SOURCE = """
async def work():
    try:
        await job()
    finally:
        return
"""

if __name__ == "__main__":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compile(SOURCE, "work.py", "exec")
    names = [each.category.__name__ for each in caught]
    print(*names or ["silent"])
