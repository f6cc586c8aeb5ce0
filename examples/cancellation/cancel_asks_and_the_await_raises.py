"""cancel() asks; CancelledError comes out of the task's await."""

import asyncio


async def download(name: str) -> None:
    print(f"{name}: connection open")
    try:
        await asyncio.sleep(3600)  # paused here when the request comes
    except asyncio.CancelledError:
        print(f"{name}: CancelledError came out of my await")
        raise
    finally:
        await asyncio.sleep(0.1)  # saying goodbye may wait, too
        print(f"{name}: connection closed")


async def main() -> None:
    film = asyncio.create_task(download("film"), name="film")
    await asyncio.sleep(0.1)  # main pauses; the download begins
    film.cancel()
    print("main: I asked; is it done?", film.done())
    await asyncio.wait([film])  # main pauses until it has ended
    print("main: is it done?", film.done())
    print("main: was it cancelled?", film.cancelled())


if __name__ == "__main__":
    asyncio.run(main())
