"""Three waits of one second, one after another, take three seconds."""

import time


def ask(whom: str) -> None:
    print(f"{whom}: asked")
    time.sleep(1)  # the answer takes a second; the thread waits here
    print(f"{whom}: answered")


def main() -> None:
    start = time.perf_counter()
    for whom in ("network", "file", "database"):
        ask(whom)
    print(f"took {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
