"""What it costs a model server to look features up instead of finding them in the request.

Usage: bench_lookup.py [BIN_DIR] [--entities N] [--seconds S]
  BIN_DIR  folder with perch and perch-server (default: the release build)

The model and the rows are those of bench_serving. Four of the twenty features are in a lookup table of N entities
(default 1,000,000), and batches of 1,000 rows name entities drawn from all of them instead. Compared are whole batches over
HTTP in turns, with the four features in them and without, on one processor; then the memory of the server.
Prints a line for each and last one JSON document; exits 1 if a row takes 10 us more or the server more than 60 MB.
"""
import argparse
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

import bench_serving as serving

FEATURES = ["f0", "f1", "f2", "f3"]
BUDGET_US = 10
BUDGET_MB = 60


def write_table(file, entities):
    """The form that `perch data publish` writes."""
    rng = random.Random(2)
    table = sqlite3.connect(file)
    table.execute("CREATE TABLE about(name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    table.execute("CREATE TABLE columns(position INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL)")
    table.execute(f"CREATE TABLE features(key TEXT PRIMARY KEY, {' REAL, '.join(FEATURES)} REAL) WITHOUT ROWID")
    table.executemany("INSERT INTO about VALUES (?, ?)", {"schema": "1", "model": "bench", "key": "customer_id",
                                                          "as_of": "2026-11-22T00:00:00.000Z"}.items())
    table.executemany("INSERT INTO columns VALUES (?, ?, 'number')", enumerate(FEATURES))
    table.executemany(f"INSERT INTO features VALUES (?{', ?' * len(FEATURES)})",
                      ((f"c{i:08}", *(rng.gauss(0, 1) for _ in FEATURES)) for i in range(entities)))
    table.commit()
    table.close()


def by_key(batch, entities, rng):
    """The rows with an entity instead of the features of the table."""
    return [{"customer_id": f"c{rng.randrange(entities):08}",
             **{name: value for name, value in row.items() if name not in FEATURES}} for row in batch]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir", type=pathlib.Path, nargs="?", default=serving.ROOT / "build/release/bin")
    parser.add_argument("--entities", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        files = {key: pathlib.Path(name, file) for key, file in (
            ("package", "package"), ("table", "table.csv"), ("bodies", "bodies.jsonl"), ("batch", "batch.json"),
            ("spec", "perch.yaml"), ("lookup", "features.db"), ("serve", "serve.yaml"))}
        batch = serving.generate(files["table"], files["bodies"], files["batch"])
        serving.train(arguments.bin_dir, files, pathlib.Path(name, "workspace"))
        write_table(files["lookup"], arguments.entities)
        files["serve"].write_text(json.dumps({"model": "bench", "serving": {"lookup": {"file": "features.db"}}}))
        os.sched_setaffinity(0, {1})
        rng = random.Random(3)
        times = {"given": [], "looked_up": []}
        with serving.PerchServer(arguments, files, 0, "--config", files["serve"]) as server:
            for turn in range(5):
                for kind, rows in (("given", batch), ("looked_up", by_key(batch, arguments.entities, rng))):
                    files["batch"].write_text(json.dumps({"inputs": rows}))
                    times[kind].append(serving.json_batch_ms(server.port, files["batch"], arguments.seconds / 10))
            figures = {kind: sorted(values)[len(values) // 2] for kind, values in times.items()}
            found = server.metric('ml_lookup_rows_total{model="bench",model_version="v1",result="found",role="stable"')
            figures["resident_mb"] = serving.resident_mb(server.process.pid)
    if found < 5 * serving.BATCH:
        sys.exit("nothing was looked up")
    figures["entities"] = arguments.entities
    figures["us_per_row"] = (figures["looked_up"] - figures["given"]) * 1e3 / serving.BATCH
    print(f"{serving.BATCH} rows with all features, ms   {figures['given']:.2f}")
    print(f"{serving.BATCH} rows, four looked up, ms     {figures['looked_up']:.2f}")
    kept = [serving.verdict("us more for a row", figures["us_per_row"], f"below {BUDGET_US}",
                            figures["us_per_row"] < BUDGET_US),
            serving.verdict("resident MB", figures["resident_mb"], f"below {BUDGET_MB}",
                            figures["resident_mb"] < BUDGET_MB)]
    print(json.dumps(figures))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
