# Numbers filtered, mapped and added up, three ways: by filter and map, by a generator expression, and into a list.
numbers = list(range(1_000_000))


def main():
    by_functions = sum(map(lambda x: 3 * x, filter(lambda x: x % 2 == 1, numbers)))
    by_generator = sum(3 * x for x in numbers if x % 2 == 1)
    collected = [3 * x for x in numbers if x % 2 == 1]
    return f"{by_functions} {by_generator} {len(collected)}"
