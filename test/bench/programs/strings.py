# A long string out of many small ones.
def main():
    text = ",".join(f"item-{i}" for i in range(100_000))
    return f"{len(text)} {text[-12:]}"
