"""asyncio.iscoroutinefunction is deprecated; inspect has one."""

import asyncio
import inspect
import warnings


async def main() -> None: ...


if __name__ == "__main__":
    assert inspect.iscoroutinefunction(main)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert asyncio.iscoroutinefunction(main)
    names = [each.category.__name__ for each in caught]
    print(*names or ["silent"])
