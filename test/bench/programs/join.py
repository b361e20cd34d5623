# A hundred thousand strings joined.
words = [f"word-{i}" for i in range(100_000)]


def main():
    return len(", ".join(words))
