"""Signals that a program sends to itself."""

import asyncio
import os
import signal
import threading
import time


async def interrupted():
    loop = asyncio.get_running_loop()
    loop.call_later(0.02, signal.raise_signal, signal.SIGINT)
    try:
        await asyncio.sleep(5)
    except asyncio.CancelledError:
        print("cancelled, and cleans up")
        await asyncio.sleep(0.02)
        raise
    finally:
        print("finally")


try:
    asyncio.run(interrupted())
except KeyboardInterrupt:
    print("KeyboardInterrupt")


async def handled(number):
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(number, came.set)
    loop.call_later(0.02, os.kill, os.getpid(), number)
    await asyncio.wait_for(came.wait(), 2)
    print("handled", signal.Signals(number).name, loop.remove_signal_handler(number))
    print(loop.remove_signal_handler(number))


for number in signal.SIGINT, signal.SIGTERM, signal.SIGUSR1:
    asyncio.run(handled(number))

print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("again")


def note(number, frame):
    print("handler", signal.strsignal(number), frame.f_code.co_name)


print(signal.signal(signal.SIGTERM, note))
os.kill(os.getpid(), signal.SIGTERM)
print(signal.signal(signal.SIGTERM, signal.SIG_IGN) is note)
os.kill(os.getpid(), signal.SIGTERM)
print(signal.getsignal(signal.SIGTERM) is signal.SIG_IGN)


def in_thread():
    try:
        signal.signal(signal.SIGTERM, note)
    except ValueError as error:
        print(error)
    time.sleep(0.05)
    signal.raise_signal(signal.SIGINT)


thread = threading.Thread(target=in_thread)
try:
    thread.start()
    time.sleep(2)
except KeyboardInterrupt:
    print("the main thread is interrupted")
thread.join()


async def swallows():
    try:
        await asyncio.sleep(5)
    except asyncio.CancelledError:
        print("swallowed")
        return "kept"


def twice():
    signal.raise_signal(signal.SIGINT)


async def main():
    asyncio.get_running_loop().call_later(0.02, twice)
    return await swallows()


try:
    print(asyncio.run(main()))
except KeyboardInterrupt:
    print("KeyboardInterrupt all the same")
try:
    os.kill(99_999_999, 0)
except ProcessLookupError as error:
    print(type(error).__name__)
