# A hundred maps that each differ in one key from a map of a million entries, which others hold.
shared = {i: 2 * i for i in range(1_000_000)}


def main():
    total = 0
    for i in range(100):
        total += {**shared, i * 9973: i}[i * 9973]
    return f"{total} {len(shared)}"
