"""Single-row predictions over HTTP: perch-server against FastAPI + XGBoost, same model, same rows, same load.

Usage: bench_serving.py BIN_DIR PEER_PYTHON [--seconds S]
  BIN_DIR      folder with perch, perch-server and load_generator (a release build)
  PEER_PYTHON  Python of a virtual environment with xgboost-cpu 3.2.0, pandas, fastapi, uvicorn[standard]

Each server runs alone on processor 0, the load with 16 kept connections on processor 1. Prints one JSON document.
Budget: at least 20 times the peer's requests per second, p99 below 5 ms.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "resources/data/wa_churn.csv"
PEER = textwrap.dedent("""
    import sys
    import json, pathlib
    import pandas as pd, uvicorn, xgboost as xgb
    from fastapi import FastAPI
    package = pathlib.Path(sys.argv[1])
    fields = json.loads((package / "transform.json").read_text())["fields"]
    booster = xgb.Booster(params={"nthread": 1})
    booster.load_model(package / "model.ubj")
    booster.set_param({"nthread": 1})
    types = {f["name"]: pd.CategoricalDtype(f["categories"]) for f in fields if f["type"] == "category"}
    names = [f["name"] for f in fields]
    app = FastAPI()

    @app.get("/healthz")
    def healthz():
        return {}

    @app.post("/predict_churn")
    async def predict(body: dict):
        frame = pd.DataFrame([body["inputs"]], columns=names)
        for name in names:
            frame[name] = frame[name].astype(types[name]) if name in types else pd.to_numeric(frame[name])
        score = float(booster.inplace_predict(frame)[0])
        return {"predictions": [{"class": "Yes" if score >= 0.5 else "No", "score": score}]}

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
""")


def bodies(package, file, count=500):
    fields = json.loads((package / "transform.json").read_text())["fields"]

    def cell(field, text):
        if text in ("", "NA"):
            return None
        if field["type"] == "category":
            return text
        if field["type"] == "boolean":
            return text.lower() in ("1", "true")
        return float(text)

    with open(TABLE) as table, open(file, "w") as out:
        for row, _ in zip(csv.DictReader(table), range(count)):
            out.write(json.dumps({"inputs": {f["name"]: cell(f, row[f["name"]]) for f in fields}}) + "\n")


def load(bin_dir, port, file, seconds):
    command = ["taskset", "-c", "1", bin_dir / "load_generator", "--port", str(port), "--path", "/predict_churn",
               "--bodies", file, "--seconds", str(seconds)]
    subprocess.run(command[:-1] + ["2"], capture_output=True, check=True)  # warm
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def measure_perch(bin_dir, package, file, seconds):
    server = subprocess.Popen(["taskset", "-c", "0", bin_dir / "perch-server", "--package", package, "--version", "v1",
                               "--threads", "1"], stdout=subprocess.PIPE, text=True)
    try:
        return load(bin_dir, json.loads(server.stdout.readline())["port"], file, seconds)
    finally:
        server.terminate()
        server.wait()


def measure_peer(bin_dir, python, package, file, seconds, folder, port=18231):
    script = folder / "peer.py"
    script.write_text(PEER)
    server = subprocess.Popen(["taskset", "-c", "0", python, script, package, str(port)])
    try:
        subprocess.run(["curl", "-sf", "--retry", "60", "--retry-delay", "1", "--retry-connrefused",
                        f"http://127.0.0.1:{port}/healthz"], check=True, capture_output=True)
        return load(bin_dir, port, file, seconds)
    finally:
        server.terminate()
        server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir", type=pathlib.Path)
    parser.add_argument("peer_python", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        package, file = folder / "package", folder / "bodies.jsonl"
        subprocess.run([arguments.bin_dir / "perch", "--workspace", folder / "workspace", "train", "--data", TABLE,
                        "--label", "churn", "--positive", "Yes", "--model", "churn", "--out", package, "--json"],
                       check=True, capture_output=True)
        bodies(package, file)
        perch = measure_perch(arguments.bin_dir, package, file, arguments.seconds)
        peer = measure_peer(arguments.bin_dir, arguments.peer_python, package, file, arguments.seconds, folder)
    ratio = perch["per_second"] / peer["per_second"]
    print(json.dumps({"perch": perch, "peer": peer, "ratio": ratio}, indent=2))
    return 0 if ratio >= 20 and perch["p99_ms"] < 5 else 1


if __name__ == "__main__":
    sys.exit(main())
