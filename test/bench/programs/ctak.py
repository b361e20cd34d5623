# Takeuchi's function with each result given to a continuation: in Python an exception, which can only leave.
import sys

sys.setrecursionlimit(100_000)


class Escape(Exception):
    def __init__(self, k, value):
        self.k = k
        self.value = value


def call_with_escape(f):
    k = object()
    try:
        return f(k)
    except Escape as escape:
        if escape.k is k:
            return escape.value
        raise


def ctak_to(k, x, y, z):
    if y < x:
        return call_with_escape(
            lambda k: ctak_to(
                k,
                call_with_escape(lambda k: ctak_to(k, x - 1, y, z)),
                call_with_escape(lambda k: ctak_to(k, y - 1, z, x)),
                call_with_escape(lambda k: ctak_to(k, z - 1, x, y)),
            )
        )
    raise Escape(k, z)


def ctak(x, y, z):
    return call_with_escape(lambda k: ctak_to(k, x, y, z))


def main():
    return ctak(18, 12, 6)
