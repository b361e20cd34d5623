# A million numbers in no order, sorted.
def lehmer():
    x = 1
    for _ in range(1_000_000):
        yield x
        x = x * 48271 % 2147483647


numbers = list(lehmer())


def main():
    ordered = sorted(numbers)
    return f"{ordered[0]} {ordered[500_000]} {ordered[-1]}"
