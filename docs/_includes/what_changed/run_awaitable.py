"""asyncio.run takes any awaitable, and not coroutines alone."""

import asyncio
from collections.abc import Generator


class Errand:
    def __await__(self) -> Generator[None, None, str]:
        yield
        return "done"


if __name__ == "__main__":
    try:
        print(asyncio.run(Errand()))
    except ValueError as error:
        print("ValueError:", str(error).partition(",")[0])
