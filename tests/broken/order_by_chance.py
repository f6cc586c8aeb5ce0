"""An output that depends on the seed of the run."""

if __name__ == "__main__":
    print(hash("order"))
