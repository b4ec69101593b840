#!/usr/bin/env python3
"""`perch train` as a process against pandas + scikit-learn + XGBoost doing the same, in turns, on one machine.

    python3 tests/bench/bench_train.py [--perch build/release/bin/perch] [--table small|large] [--turns 5]

small: resources/data/wa_churn.csv. large: 1,000,000 rows of 20 columns, made once. The peer has its own virtual
environment and both tables lie in $XDG_CACHE_HOME/perch/bench, outside of the source tree. Both sides load, split, train
500 rounds and evaluate; Perch also checks the table, measures its learning curve, packs and registers the model. Of the
turns the fastest counts and the largest memory, for either side; the machine should have nothing else to do.

Perch's fit is the time within XGBoost's own calls that take the rows, do the rounds and measure some of them, the peer's
that of `XGBClassifier.fit`; everything else, the encoding of the rows too, is "all but the fit". Peak
memory is that of the process (ru_maxrss), with all pages of files that are mapped. Exits 1 if a budget is not kept.
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

PEER = """
import json, sys, time
import pandas as pd, xgboost as xgb
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
table = pd.read_csv(sys.argv[1])
truth = (table.pop(sys.argv[2]).astype(str) == sys.argv[3]).astype(int)
for column in table.select_dtypes(exclude="number"):
    table[column] = table[column].astype("category")
a, b, y, z = train_test_split(table, truth, test_size=0.2, stratify=truth, random_state=42)
model = xgb.XGBClassifier(n_estimators=500, learning_rate=0.05, max_depth=5, tree_method="hist",
                          enable_categorical=True)
start = time.perf_counter()
model.fit(a, y)
fit = time.perf_counter() - start
score = model.predict_proba(b)[:, 1]
answer = score >= 0.5
model.save_model(sys.argv[4])
print(json.dumps({"fit_seconds": fit, "metrics": {"f1": f1_score(z, answer), "roc_auc": roc_auc_score(z, score),
    "accuracy": accuracy_score(z, answer), "precision": precision_score(z, answer), "recall": recall_score(z, answer),
    "log_loss": log_loss(z, score)}}))
"""

MAKE_LARGE = """
import sys
import numpy as np, pandas as pd
random = np.random.default_rng(7)
rows = 1_000_000
table = pd.DataFrame({f"n{i:02}": random.normal(size=rows).round(4) for i in range(16)})
for i, count in enumerate((3, 8, 20, 50)):
    table[f"c{i}"] = np.array([f"value {k}" for k in range(count)])[random.integers(0, count, rows)]
margin = table["n00"] + 0.7 * table["n01"] * table["n02"] + (table["c1"] == "value 3") - 1.2 + random.normal(size=rows)
table.insert(0, "label", np.where(margin > 0, "yes", "no"))
table.loc[random.random(rows) < 0.02, "n05"] = np.nan
table.to_csv(sys.argv[1], index=False)
"""


# Perch against the peer, at most.
BUDGETS = {"large": {"wall": 0.9, "rest": 0.25, "memory_mb": 0.4}, "small": {"wall": 0.2}}
F1_BUDGET = 0.002


def verdict(value, budget):
    if budget is None:
        return ""
    return f", at most {budget}: " + ("kept" if value <= budget else "NOT KEPT")


def python():
    """The peer's own interpreter."""
    program = CACHE / "venv" / "bin" / "python"
    if not (CACHE / "venv" / "complete").exists():
        venv.create(CACHE / "venv", with_pip=True, clear=True)
        subprocess.run([program, "-m", "pip", "install", "-q", "xgboost-cpu==3.2.0", "pandas", "scikit-learn"],
                       check=True)
        (CACHE / "venv" / "complete").touch()
    return program


def table_of(name):
    if name == "small":
        return ROOT / "resources" / "data" / "wa_churn.csv", "churn", "Yes"
    file = CACHE / "large.csv"
    if not file.exists():
        subprocess.run([python(), "-c", MAKE_LARGE, str(file) + ".new"], check=True)
        os.replace(str(file) + ".new", file)
    return file, "label", "yes"


def run(command):
    """The last turn's document, its wall and processor seconds and its peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return json.loads(output), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--perch", type=pathlib.Path, default=ROOT / "build" / "release" / "bin" / "perch")
    parser.add_argument("--table", choices=("small", "large"), default="small")
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    file, label, positive = table_of(options.table)
    best = {}
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        for turn in range(options.turns):
            commands = {
                "perch": [options.perch, "--workspace", f"{scratch}/{turn}", "train", "--data", file, "--label", label,
                          "--positive", positive, "--model", "bench", "--json"],
                "peer": [python(), "-c", PEER, file, label, positive, f"{scratch}/peer.ubj"],
            }
            for side, command in commands.items():
                document, wall, cpu, memory = run(command)
                figures = {"wall": wall, "cpu": cpu, "fit": document["fit_seconds"],
                           "rest": wall - document["fit_seconds"]}
                old = best.setdefault(side, {"metrics": document["metrics"], "memory_mb": memory, **figures})
                best[side].update({name: min(old[name], value) for name, value in figures.items()})
                best[side]["memory_mb"] = max(old["memory_mb"], memory)
    for side in ("perch", "peer"):
        figures = best[side]
        print(f"{side:6} wall {figures['wall']:.2f} s, fit {figures['fit']:.2f} s, all but the fit {figures['rest']:.2f} s, "
              f"processor {figures['cpu']:.2f} s, memory {figures['memory_mb']:.0f} MB, F1 {figures['metrics']['f1']:.4f}, "
              f"ROC-AUC {figures['metrics']['roc_auc']:.4f}")
    kept = True
    for name in ("wall", "fit", "rest", "cpu", "memory_mb"):
        ratio, budget = best["perch"][name] / best["peer"][name], BUDGETS[options.table].get(name)
        kept = kept and (budget is None or ratio <= budget)
        print(f"ratio {name}: {ratio:.2f}" + verdict(ratio, budget))
    difference = abs(best["perch"]["metrics"]["f1"] - best["peer"]["metrics"]["f1"])
    print(f"difference of F1: {difference:.4f}" + verdict(difference, F1_BUDGET))
    sys.exit(0 if kept and difference <= F1_BUDGET else 1)


if __name__ == "__main__":
    main()
