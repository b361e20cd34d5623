# Runs `main` of a Python program again and again, timing each round in this process: one line asks, one line answers.
#
#   stdin   {"least": ms}          run main until so much time has passed, at least once
#   stdout  {"calls", "ms", "value"}
import gc
import importlib.util
import json
import sys
from time import perf_counter


def load(path):
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rounds(main, least):
    calls = 0
    begin = perf_counter()
    while True:
        value = main()
        calls += 1
        ms = (perf_counter() - begin) * 1000
        if ms >= least:
            return {"calls": calls, "ms": ms, "value": str(value)}


program = load(sys.argv[1])
for line in sys.stdin:
    gc.collect()
    print(json.dumps(rounds(program.main, json.loads(line)["least"])), flush=True)
