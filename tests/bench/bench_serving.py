"""Predictions over HTTP: perch-server against FastAPI + XGBoost, same model, same rows, same load.

Usage: bench_serving.py BIN_DIR PEER_PYTHON [--seconds S]
  BIN_DIR      folder with perch, perch-server, load_generator and bench_engine (a release build)
  PEER_PYTHON  Python of a virtual environment with xgboost-cpu 3.2.0, numpy, fastapi, uvicorn[standard]

One model: 500 trees of depth 5 on 20 generated features, four of them categories. Pinned: each server alone on
processor 0, the load with 16 kept connections on processor 1; then both unpinned. Prints one JSON document, then one
line for each budget:
  pinned, at least 20 times the peer's requests per second; p99 below 5 ms; below 60 MB resident after the load;
  a batch of 1,000 rows within 1.2 times of XGBoost's own predict (bench_engine).
Exits 1 if a budget is missed.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import textwrap

CATEGORIES = [f"f{i}" for i in range(16, 20)]
PEER = textwrap.dedent("""
    import sys
    import json, pathlib
    import numpy as np, uvicorn, xgboost as xgb
    from fastapi import FastAPI
    package = pathlib.Path(sys.argv[1])
    fields = json.loads((package / "transform.json").read_text())["fields"]
    booster = xgb.Booster(params={"nthread": 1})
    booster.load_model(package / "model.ubj")
    booster.set_param({"nthread": 1})
    codes = {f["name"]: {c: i for i, c in enumerate(f["categories"])} for f in fields if f["type"] == "category"}
    names = [f["name"] for f in fields]
    app = FastAPI()

    def number(row, name):
        value = row[name]
        if value is None:
            return np.nan
        return codes[name].get(value, np.nan) if name in codes else value

    @app.get("/healthz")
    def healthz():
        return {}

    @app.post("/predict_bench")
    async def predict(body: dict):
        row = np.array([[number(body["inputs"], name) for name in names]], dtype=np.float32)
        score = float(booster.inplace_predict(row, validate_features=False)[0])
        return {"predictions": [{"class": "yes" if score >= 0.5 else "no", "score": score}]}

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
""")


def generate(table, rows_file, rows=8000):
    """A noisy binary label on 20 features; some cells are missing."""
    rng = random.Random(1)
    names = [f"f{i}" for i in range(20)]
    with open(table, "w") as csv, open(rows_file, "w") as lines:
        csv.write(",".join(names) + ",label\n")
        for number in range(rows):
            row = {n: rng.choice("abcdefgh") if n in CATEGORIES else round(rng.gauss(0, 1), 4) for n in names}
            margin = row["f0"] - row["f1"] * row["f2"] + (row["f16"] in "abc") + rng.gauss(0, 1)
            if rng.random() < 0.3:
                row[f"f{rng.randrange(3, 16)}"] = None
            csv.write(",".join("" if row[n] is None else str(row[n]) for n in names)
                      + (",yes\n" if margin > 0.4 else ",no\n"))
            if number < 500:
                lines.write(json.dumps({"inputs": row}) + "\n")


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def pinned(processor):
    return [] if processor is None else ["taskset", "-c", str(processor)]


def load(bin_dir, port, file, seconds, processor):
    command = pinned(processor) + [bin_dir / "load_generator", "--port", str(port), "--path", "/predict_bench",
                                   "--bodies", file, "--seconds", str(seconds)]
    subprocess.run(command[:-1] + ["2"], capture_output=True, check=True)  # warm
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def measure_perch(arguments, package, file, pin):
    server = subprocess.Popen(pinned(0 if pin else None)
                              + [arguments.bin_dir / "perch-server", "--package", package, "--version", "v1",
                                 "--threads", "1" if pin else "2"], stdout=subprocess.PIPE, text=True)
    try:
        port = json.loads(server.stdout.readline())["port"]
        report = load(arguments.bin_dir, port, file, arguments.seconds, 1 if pin else None)
        return {**report, "resident_mb": resident_mb(server.pid)}
    finally:
        server.terminate()
        server.wait()


def measure_peer(arguments, package, file, pin, folder, port=18231):
    script = folder / "peer.py"
    script.write_text(PEER)
    server = subprocess.Popen(pinned(0 if pin else None) + [arguments.peer_python, script, package, str(port)])
    try:
        subprocess.run(["curl", "-sf", "--retry", "60", "--retry-delay", "1", "--retry-connrefused",
                        f"http://127.0.0.1:{port}/healthz"], check=True, capture_output=True)
        report = load(arguments.bin_dir, port, file, arguments.seconds, 1 if pin else None)
        return {**report, "resident_mb": resident_mb(server.pid)}
    finally:
        server.terminate()
        server.wait()


def measure_engines(bin_dir):
    run = subprocess.run([bin_dir / "bench_engine", "--models", "2", "--rows", "2000"], capture_output=True, text=True)
    return json.loads(run.stdout)


def verdict(name, value, limit, kept):
    print(f"{'kept' if kept else 'MISSED'}: {name} {value:.2f} (budget {limit})")
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir", type=pathlib.Path)
    parser.add_argument("peer_python", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        package, table, file, spec = (folder / n for n in ("package", "table.csv", "bodies.jsonl", "perch.yaml"))
        generate(table, file)
        spec.write_text("model: bench\nlabel: label\ntraining:\n  depth: 5\n  rounds: 500\n  learning_rate: 0.05\n")
        subprocess.run([arguments.bin_dir / "perch", "--workspace", folder / "workspace", "train", "--config", spec,
                        "--data", table, "--positive", "yes", "--out", package, "--json"], check=True, capture_output=True)
        for kind, pin in (("pinned", True), ("unpinned", False)):
            figures[kind] = {"perch": measure_perch(arguments, package, file, pin),
                             "peer": measure_peer(arguments, package, file, pin, folder)}
            figures[kind]["ratio"] = figures[kind]["perch"]["per_second"] / figures[kind]["peer"]["per_second"]
    figures["engines"] = measure_engines(arguments.bin_dir)
    print(json.dumps(figures, indent=2))
    perch = figures["pinned"]["perch"]
    batch = max(1 / figures["engines"][kind]["rows_1000"]["ratio"] for kind in ("numbers", "with_categories"))
    kept = [verdict("requests per second over the peer's, pinned", figures["pinned"]["ratio"], "at least 20",
                    figures["pinned"]["ratio"] >= 20),
            verdict("p99 in ms, pinned", perch["p99_ms"], "below 5", perch["p99_ms"] < 5),
            verdict("resident MB", perch["resident_mb"], "below 60", perch["resident_mb"] < 60),
            verdict("time of 1,000 rows over XGBoost's", batch, "at most 1.2", batch <= 1.2)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
