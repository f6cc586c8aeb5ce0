# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""Ten waits in a pool of threads take as long as one."""

import time
from concurrent.futures import ThreadPoolExecutor

WAIT = 0.5  # seconds


def look_up(number: int) -> str:
    time.sleep(WAIT)  # stands for any call that blocks
    return f"book {number}"


def main() -> None:
    start = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        books = list(pool.map(look_up, range(1, 11)))
    waits = (time.monotonic() - start) / WAIT
    print(", ".join(books[:3]), "...", books[-1])
    print(f"took as long as {waits:.0f} of 10 waits")


if __name__ == "__main__":
    main()
