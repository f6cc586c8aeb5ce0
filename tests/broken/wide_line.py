"""A line that would scroll."""

if __name__ == "__main__":
    print("done")  # and this comment goes on to the right until a reader has to scroll
