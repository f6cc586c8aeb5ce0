"""Whoever catches no more than they expect keeps the timeout."""

import asyncio


async def ask(server: int) -> str:
    print(f"server {server}: asked")
    if server == 1:
        raise ConnectionError("refused")
    await asyncio.sleep(0.6)
    return f"server {server}: here you are"


async def ask_any() -> str:
    for server in (1, 2, 3):
        try:
            return await ask(server)
        except OSError as error:  # what ask may raise, no more
            print(f"server {server}: {type(error).__name__}")
    raise LookupError("no server replies")


async def main() -> None:
    try:
        async with asyncio.timeout(0.4) as limit:
            print(await ask_any())
        print("main: no TimeoutError; expired:", limit.expired())
    except TimeoutError:
        print("main: TimeoutError; expired:", limit.expired())


if __name__ == "__main__":
    asyncio.run(main())
