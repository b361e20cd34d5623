# Takeuchi's function: calls whose arguments are calls.
def tak(x, y, z):
    if y < x:
        return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
    return z


def main():
    return tak(18, 12, 6)
