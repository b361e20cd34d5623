# The ways to place eight queens: recursion over small immutable sets.
def place(n, row, columns, sums, differences):
    if row == n:
        return 1
    total = 0
    for column in range(n):
        if column not in columns and row + column not in sums and row - column not in differences:
            total += place(n, row + 1, columns | {column}, sums | {row + column}, differences | {row - column})
    return total


def main():
    return place(8, 0, frozenset(), frozenset(), frozenset())
