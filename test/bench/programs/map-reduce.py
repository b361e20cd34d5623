# A million numbers mapped and added up.
def main():
    return sum(3 * x + 1 for x in range(1_000_000))
