#!/usr/bin/env python3
"""`perch drift --preset evidently` as a process against Evidently 0.7 doing the same, in turns, on one machine.

    python3 tests/bench/bench_drift.py [--perch build/release/bin/perch] [--rows 200000] [--turns 5] [--peer-turns 1]

Two CSV files of so many rows and 20 columns (14 numbers, 2 whole numbers of few values, 3 texts, 1 truth value), a third
of them shifted, made once. Both sides load both files; the verdict of every column must be the same and its score to
1e-6. The peer has its own virtual environment and the files lie in $XDG_CACHE_HOME/perch/bench, outside of the source
tree. Of the turns the fastest counts, for either side. Exits 1 if a verdict differs or Perch is less than 50 times faster.

    python3 tests/bench/bench_drift.py --parquet 10000000 25 50 100 [--turns 2]

measures Perch alone on Parquet files of so many rows of floats, with each number of columns, in both presets: seconds,
seconds a column and peak memory. Exits 1 if the most columns take a fifth more time a column than the fewest (then it is
not linear), or if any run takes more than --memory MB (3,500; the tables are read in passes of 2 GiB).
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "perch" / "bench"

MAKE = """
import sys
import numpy as np, pandas as pd
rows = int(sys.argv[1])
for side, file in enumerate(sys.argv[2:4]):
    random = np.random.default_rng(side)
    shift = 0.3 * side
    table = pd.DataFrame({f"n{i:02}": random.normal(shift if i % 3 == 0 else 0, 1, rows).round(4) for i in range(14)})
    table["w0"] = random.integers(0, 5 + side, rows)
    table["w1"] = random.integers(0, 10, rows)
    for i, count in enumerate((3, 12, 40)):
        weights = np.ones(count); weights[0] += side * count * (i == 1)
        table[f"c{i}"] = np.array([f"value {k}" for k in range(count)])[random.choice(count, rows, p=weights / weights.sum())]
    table["b"] = random.random(rows) < 0.5
    table.loc[random.random(rows) < 0.02, "n05"] = np.nan
    table.to_csv(file, index=False)
"""

MAKE_PARQUET = """
import sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
rows, columns = int(sys.argv[1]), int(sys.argv[2])
schema = pa.schema([(f"f{i:03}", pa.float32()) for i in range(columns)])
for side, file in enumerate(sys.argv[3:5]):
    random = np.random.default_rng(side)
    with pq.ParquetWriter(file, schema, compression="none", use_dictionary=False) as writer:
        for begin in range(0, rows, 500_000):
            count = min(500_000, rows - begin)
            writer.write_table(pa.table([random.standard_normal(count, dtype=np.float32) + (0.5 * side if i % 10 == 0 else 0)
                                         for i in range(columns)], schema=schema))
"""

PEER = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset
reference, current = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
result = Report([DataDriftPreset()], include_tests=True).run(current, reference).dict()
verdicts = {test["name"].removeprefix("Value Drift for column "): test["status"] != "SUCCESS" for test in result["tests"]}
out = {}
for metric in result["metrics"][1:]:
    column = metric["config"]["column"]
    out[column] = {"score": float(metric["value"]), "drifted": verdicts[column]}
print(json.dumps({"share": result["metrics"][0]["value"]["share"], "columns": out}))
"""


def python():
    """The peer's own interpreter, the one of tests/fixtures/make_drift_reference.py."""
    folder = CACHE / "drift-venv"
    program = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([program, "-m", "pip", "install", "-q", "evidently==0.7.*", "pandas<3", "statsmodels"], check=True)
        (folder / "complete").touch()
    return program


def made(kind, script, *sizes):
    files = [CACHE / f"drift-{'x'.join(map(str, sizes))}-{side}.{kind}" for side in "ab"]
    if not all(file.exists() for file in files):
        new = [str(file) + ".new" for file in files]
        subprocess.run([python(), "-c", script, *map(str, sizes), *new], check=True)
        for old, file in zip(new, files):
            os.replace(old, file)
    return files


def timed(command):
    """Seconds, peak MB, the output and the processor seconds of one process."""
    with tempfile.TemporaryFile() as out:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            sys.exit(f"{command[0]} failed with {process.returncode}")
        out.seek(0)
        return seconds, usage.ru_maxrss / 1024, json.loads(out.read()), usage.ru_utime + usage.ru_stime


def perch_command(arguments, files, preset):
    return [arguments.perch, "drift", "--reference", files[0], "--current", files[1], "--preset", preset, "--json"]


def compare(peer, ours):
    """What differs, one line each."""
    mine = {feature["name"]: feature for feature in ours["features"]}
    lines = [f"columns: {sorted(set(mine) ^ set(peer['columns']))}"] if set(mine) != set(peer["columns"]) else []
    for name, expected in peer["columns"].items():
        if mine[name]["drifted"] != expected["drifted"] or abs(mine[name]["score"] - expected["score"]) > 1e-6:
            lines.append(f"{name}: {mine[name]['score']} {mine[name]['drifted']}, Evidently {expected}")
    if abs(ours["dataset"]["share"] - peer["share"]) > 1e-12:
        lines.append(f"share: {ours['dataset']['share']}, Evidently {peer['share']}")
    return lines


def parquet(arguments, rows, widths):
    """One line for each preset and number of columns, then whether time is linear and memory bounded. Linear is judged by
    processor time: what else the machine does has less of a part in it."""
    fails = 0
    for preset in arguments.preset:
        each, most = {}, 0
        for columns in widths:
            files = made("parquet", MAKE_PARQUET, rows, columns)
            runs = [timed(perch_command(arguments, files, preset)) for _ in range(min(2, arguments.turns))]
            seconds, megabytes, report, processor = min(runs, key=lambda run: run[3])
            each[columns], most = processor / columns, max([most] + [run[1] for run in runs])
            print(f"{preset}: {rows:,} x {columns}: {seconds:.1f} s, {processor:.1f} s of a processor, {each[columns]:.2f} s a "
                  f"column, peak {megabytes:.0f} MB, share {report['dataset']['share']}", flush=True)
        ratio = each[widths[-1]] / each[widths[0]]
        fits = (len(widths) < 2 or ratio < 1.2) and most <= arguments.memory
        print(f"{preset}: {widths[-1]} columns take {ratio:.2f} of the time a column of {widths[0]}, at most {most:.0f} MB"
              + ("" if fits else ": over the budget"))
        fails += not fits
    return 1 if fails else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--perch", default=ROOT / "build" / "release" / "bin" / "perch")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--peer-turns", type=int, default=1)
    parser.add_argument("--parquet", type=int, nargs="+", metavar=("ROWS", "COLUMNS"))
    parser.add_argument("--preset", nargs="+", default=["evidently", "perch"], help="of the runs from Parquet")
    parser.add_argument("--memory", type=float, default=3_500)
    arguments = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    if arguments.parquet:
        return parquet(arguments, arguments.parquet[0], sorted(arguments.parquet[1:]))
    files = made("csv", MAKE, arguments.rows)
    ours, theirs = [], []
    for turn in range(max(arguments.turns, arguments.peer_turns)):
        if turn < arguments.peer_turns:
            theirs.append(timed([python(), "-c", PEER, *files]))
        if turn < arguments.turns:
            ours.append(timed(perch_command(arguments, files, "evidently")))
    peer, mine = min(theirs, key=lambda t: t[0]), min(ours, key=lambda t: t[0])
    ratio = peer[0] / mine[0]
    print(f"Evidently {peer[0]:.2f} s, {peer[1]:.0f} MB; Perch {mine[0]:.3f} s, {mine[1]:.0f} MB; {ratio:.0f} times faster")
    differences = compare(peer[2], mine[2])
    print("\n".join(differences) or f"the same verdict and score on all {len(peer[2]['columns'])} columns")
    return 1 if differences or ratio < 50 else 0


sys.exit(main())
