# Closures made and called half a million times, and half a million calls of one that keeps count.
def adder(n):
    return lambda x: x + n


def counter():
    calls = 0

    def count_call():
        nonlocal calls
        calls += 1
        return calls

    return count_call


def main():
    count_call = counter()
    total = 0
    for i in range(500_000):
        count_call()
        total = adder(i)(total)
    return total + count_call()
