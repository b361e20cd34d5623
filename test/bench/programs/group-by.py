# Two hundred thousand records grouped by one of their fields.
from collections import defaultdict

records = [{"id": i, "team": i * 7919 % 1000} for i in range(200_000)]


def main():
    teams = defaultdict(list)
    for record in records:
        teams[record["team"]].append(record)
    return f'{len(teams)} {len(teams[7])} {teams[7][-1]["id"]}'
