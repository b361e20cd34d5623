# A map of a million pairs.
pairs = [(i, 2 * i) for i in range(1_000_000)]


def main():
    m = dict(pairs)
    return f"{len(m)} {m[777_777]}"
