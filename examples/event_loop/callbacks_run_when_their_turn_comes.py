"""The loop runs callbacks: ready ones in order, timed ones when due."""

import asyncio


async def main() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    rung = asyncio.Event()

    def say(text: str) -> None:
        print(f"after {loop.time() - start:.0f} s: {text}")

    loop.call_at(start + 2, rung.set)
    loop.call_later(1, say, "call_later, handed over second")
    loop.call_soon(say, "call_soon, handed over third")
    loop.call_soon(say, "call_soon, handed over fourth")
    say("main has handed over four callbacks")
    # main stops here; from now on the loop picks who runs.
    await rung.wait()
    say("main, woken by call_at")


if __name__ == "__main__":
    asyncio.run(main())
