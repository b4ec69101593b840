#!/usr/bin/env python3
"""`perch predict` as a process against pandas reading the same files and XGBoost predicting them, in turns.

    python3 tests/bench/bench_scoring.py [--perch build/release/bin/perch] [--millions 10] [--turns 3]

The table is that of bench_train.py (1,000,000 rows of 20 columns), read as many times as there are millions of rows;
the model has 100 trees of depth 5. The peer writes nothing; perch writes a CSV with score and class. Of the turns the
fastest counts, for either side; the machine should have nothing else to do. Exits 1 if perch is slower.
"""
import argparse
import importlib.util
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

PEER = """
import json, sys, time
import pandas as pd, xgboost as xgb
booster = xgb.Booster(model_file=sys.argv[1])
rows, predicting = 0, 0.0
for file in sys.argv[2:]:
    table = pd.read_csv(file)
    table.pop("label")
    for column in table.select_dtypes(exclude="number"):
        table[column] = table[column].astype("category")
    table = table[booster.feature_names]
    start = time.perf_counter()
    rows += len(booster.inplace_predict(table))
    predicting += time.perf_counter() - start
print(json.dumps({"rows": rows, "predict_seconds": predicting}))
"""


def bench_train():
    """The table, the peer's interpreter and the stopwatch of the neighbor."""
    spec = importlib.util.spec_from_file_location("bench_train", pathlib.Path(__file__).with_name("bench_train.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--perch", type=pathlib.Path, default=ROOT / "build" / "release" / "bin" / "perch")
    parser.add_argument("--millions", type=int, default=10)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    bench = bench_train()
    file, label, positive = bench.table_of("large")
    best = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        bench.run([options.perch, "--workspace", scratch / "w", "train", "--data", file, "--label", label, "--positive",
                   positive, "--model", "bench", "--rounds", "100", "--out", scratch / "package", "--json"])
        parts = [scratch / f"part-{i:02}.csv" for i in range(options.millions)]
        for part in parts:
            part.symlink_to(file)
        commands = {
            "perch": [options.perch, "--workspace", scratch / "w", "predict", "--package", scratch / "package", "--data",
                      scratch / "part-*.csv", "--out", scratch / "scores.csv", "--json"],
            "peer": [bench.python(), "-c", PEER, scratch / "package" / "model.ubj", *parts],
        }
        for _ in range(options.turns):
            for side, command in commands.items():
                document, wall, cpu, memory = bench.run(command)
                old = best.get(side, (wall, cpu, memory, 0))
                best[side] = (min(wall, old[0]), min(cpu, old[1]), min(memory, old[2]), document["rows"])
    for side, (wall, cpu, memory, rows) in best.items():
        print(f"{side:6} {rows:,} rows: wall {wall:.1f} s, processor {cpu:.1f} s, memory {memory:.0f} MB")
    ratio = best["perch"][0] / best["peer"][0]
    print(f"ratio wall: {ratio:.2f}")
    return 0 if ratio <= 1 and best["perch"][3] == best["peer"][3] else 1


sys.exit(main())
