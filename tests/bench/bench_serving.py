"""Predictions over HTTP: perch-server against FastAPI + XGBoost, same model, same rows, same load.

Usage: bench_serving.py [BIN_DIR] [--seconds S] [--peer-python PYTHON]
  BIN_DIR  folder with perch, perch-server, load_generator, bench_engine and bench_metrics (default: the release build)
The peer (fastapi, uvicorn, prometheus_client, xgboost-cpu 3.2.0) has a virtual environment of its own, made once in
$XDG_CACHE_HOME/perch/bench, unless --peer-python names one that has them.

One model: 500 trees of depth 5 on 20 generated features, four of them categories. Pinned: each server alone on
processor 0, the load with 16 kept connections on processor 1; then both unpinned. The load is wrk where it is
installed, else the repository's load_generator. Then batches of 1,000 rows, one after the other on one connection, of
perch-server also as bytes (binary tensors). Then the same load on perch-server alone, with and without a mirror that
sends copies of 10 % to a second server beside the load.
Prints a table, one line for each budget, and last one JSON document:
  pinned, at least 20 times the peer's requests per second; p99 below 5 ms; below 60 MB resident after the load;
  1,000 rows evaluated within 1.2 times of XGBoost's own predict, on one thread (bench_engine); drift bins and counters
  at most 5 % of the time the server takes for a request (bench_metrics, on one processor like the pinned server).
Exits 1 if a budget is missed or a request was not answered with 200.
"""
import argparse
import array
import http.client
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "perch" / "bench"
CONNECTIONS = 16
BATCH = 1000
CATEGORIES = [f"f{i}" for i in range(16, 20)]
PEER_PACKAGES = ("xgboost-cpu==3.2.0", "numpy<3", "fastapi==0.115.*", "uvicorn[standard]==0.34.*",
                 "prometheus_client==0.21.*")
PEER = textwrap.dedent("""
    import sys, json, pathlib
    import numpy as np, uvicorn, xgboost as xgb
    from fastapi import FastAPI
    from prometheus_client import Counter, Histogram, make_asgi_app
    package = pathlib.Path(sys.argv[1])
    fields = json.loads((package / "transform.json").read_text())["fields"]
    booster = xgb.Booster(params={"nthread": 1})
    booster.load_model(package / "model.ubj")
    booster.set_param({"nthread": 1})
    codes = {f["name"]: {c: i for i, c in enumerate(f["categories"])} for f in fields if f["type"] == "category"}
    names = [f["name"] for f in fields]
    predictions = Counter("ml_predictions_total", "Predictions", ["model", "outcome"])
    seconds = Histogram("model_prediction_latency_seconds", "Latency", ["model_version", "endpoint"])
    app = FastAPI()
    app.mount("/metrics", make_asgi_app())

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
        inputs = body["inputs"]
        with seconds.labels("v1", "alias").time():
            rows = inputs if isinstance(inputs, list) else [inputs]
            table = np.array([[number(row, name) for name in names] for row in rows], dtype=np.float32)
            scores = booster.inplace_predict(table, validate_features=False)
        predictions.labels("bench", "ok").inc(len(rows))
        return {"predictions": [{"class": "yes" if s >= 0.5 else "no", "score": float(s)} for s in scores]}

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
""")
WRK = textwrap.dedent("""
    local bodies, index = {}, 0
    function init(arguments)
        for line in io.lines(arguments[1]) do bodies[#bodies + 1] = line end
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/json"
    end
    function request()
        index = index % #bodies + 1
        return wrk.format(nil, nil, nil, bodies[index])
    end
    function done(summary, latency, requests)
        local e = summary.errors
        io.write(string.format('\\n{"per_second":%.1f,"p50_ms":%.3f,"p99_ms":%.3f,"failed":%d}\\n',
            summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
            e.connect + e.read + e.write + e.timeout + e.status))
    end
""")


def peer_python():
    folder = CACHE / "serving-venv"
    program = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([program, "-m", "pip", "install", "-q", *PEER_PACKAGES], check=True)
        (folder / "complete").touch()
    return program


def generate(table, rows_file, batch_file, rows=8000):
    """A noisy binary label on 20 features; some cells are missing."""
    rng = random.Random(1)
    names = [f"f{i}" for i in range(20)]
    batch = []
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
            if number < BATCH:
                batch.append(row)
    batch_file.write_text(json.dumps({"inputs": batch}) + "\n")
    return batch


def tensors(batch):
    """The rows of a batch as binary tensors: a body and the length of its JSON."""
    inputs, values = [], b""
    for name in batch[0]:
        column = [row[name] for row in batch]
        if name in CATEGORIES:
            part = b"".join(len(text).to_bytes(4, "little") + text.encode() for text in column)
        else:
            part = array.array("f", (float("nan") if value is None else value for value in column)).tobytes()
        inputs.append({"name": name, "datatype": "BYTES" if name in CATEGORIES else "FP32", "shape": [len(batch)],
                       "parameters": {"binary_data_size": len(part)}})
        values += part
    header = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    return header + values, len(header)


def train(bin_dir, files, workspace):
    files["spec"].write_text(
        "model: bench\nlabel: label\ntraining:\n  depth: 5\n  rounds: 500\n  learning_rate: 0.05\n")
    subprocess.run([bin_dir / "perch", "--workspace", workspace, "train", "--config", files["spec"], "--data",
                    files["table"], "--positive", "yes", "--out", files["package"], "--json"],
                   check=True, capture_output=True)


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def pinned(processor):
    return [] if processor is None else ["taskset", "-c", str(processor)]


def load(bin_dir, port, file, seconds, processor):
    """Requests per second and latency of a load; all of its requests must be answered with 200."""
    url = f"http://127.0.0.1:{port}/predict_bench"
    if wrk := shutil.which("wrk"):
        script = file.with_suffix(".lua")
        script.write_text(WRK)
        command = [wrk, "-t1", f"-c{CONNECTIONS}", "-s", script, f"-d{max(1, round(seconds))}s", url, "--", file]
    else:
        command = [bin_dir / "load_generator", "--port", str(port), "--path", "/predict_bench", "--bodies", file,
                   "--connections", str(CONNECTIONS), "--seconds", str(seconds)]
    run = subprocess.run(pinned(processor) + command, capture_output=True, text=True)
    report = json.loads(run.stdout.splitlines()[-1])
    failed = report["failed"] if wrk else report["requests"] - report["ok"]
    if failed:
        sys.exit(f"{failed} requests were not answered with 200: {report}")
    return {name: report[name] for name in ("per_second", "p50_ms", "p99_ms")}


def batch_ms(port, seconds, path, body, headers, rows_of):
    """Median time of a request of 1,000 rows, one after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    while not times or sum(times) < seconds * 1e3:
        begin = time.perf_counter()
        connection.request("POST", path, body, headers)
        rows = rows_of(connection.getresponse())
        times.append((time.perf_counter() - begin) * 1e3)
        if rows != BATCH:
            sys.exit("a batch was not answered as a whole")
    return sorted(times)[len(times) // 2]


def json_batch_ms(port, file, seconds):
    return batch_ms(port, seconds, "/predict_bench", file.read_text(), {"Content-Type": "application/json"},
                    lambda response: len(json.loads(response.read())["predictions"]))


def binary_batch_ms(port, batch, seconds):
    body, length = tensors(batch)

    def rows_of(response):
        answer, end = response.read(), int(response.headers["Inference-Header-Content-Length"])
        size = json.loads(answer[:end])["outputs"][0]["parameters"]["binary_data_size"]
        return len(array.array("f", answer[end:end + size]))
    return batch_ms(port, seconds, "/v2/models/bench/infer", body,
                    {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(length)}, rows_of)


def loaded(server, port, arguments, files, pin):
    processor = 1 if pin else None
    load(arguments.bin_dir, port, files["bodies"], min(2, arguments.seconds), processor)  # warm
    report = load(arguments.bin_dir, port, files["bodies"], arguments.seconds, processor)
    report["resident_mb"] = resident_mb(server.pid)
    return {**report, "batch_ms": json_batch_ms(port, files["batch"], arguments.seconds / 2)}


class PerchServer:
    """A perch-server of the bench model on one processor, or on all."""

    def __init__(self, arguments, files, processor, *more, version="v1"):
        self.process = subprocess.Popen(
            pinned(processor) + [arguments.bin_dir / "perch-server", "--package", files["package"], "--version", version,
                                 "--threads", "2" if processor is None else "1", *more],
            stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        ready = json.loads(self.process.stdout.readline())
        self.port, self.metrics_port = ready["port"], ready["metrics_port"]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def metric(self, series):
        """The value of a series whose name and labels begin so; 0 if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=10)
        connection.request("GET", "/metrics")
        for line in connection.getresponse().read().decode().splitlines():
            if line.startswith(series):
                return float(line.split()[-1])
        return 0


def measure_perch(arguments, files, batch, pin):
    with PerchServer(arguments, files, 0 if pin else None) as server:
        report = loaded(server.process, server.port, arguments, files, pin)
        return {**report, "binary_batch_ms": binary_batch_ms(server.port, batch, arguments.seconds / 2)}


def measure_mirror(arguments, files):
    """Requests per second without and with a mirror of 10 %, in turns, and what became of the copies."""
    turns = {"without": [], "with": []}
    with PerchServer(arguments, files, 1, version="v2") as shadow, \
            PerchServer(arguments, files, 0, "--mirror", files["mirror"]) as server:
        for turn in range(7):
            wanted = turn % 2
            if wanted:
                files["mirror"].write_text(json.dumps({"model": "bench", "version": "v2", "share": 0.1,
                                                       "targets": [f"http://127.0.0.1:{shadow.port}"]}))
            else:
                files["mirror"].unlink(missing_ok=True)
            for _ in range(100):
                if server.metric("ml_serve_config_info{") == wanted:
                    break
                time.sleep(0.1)
            else:
                sys.exit("the mirror settings did not come into effect")
            report = load(arguments.bin_dir, server.port, files["bodies"], arguments.seconds / 2, 1)
            if turn:  # the first one warms
                turns["with" if wanted else "without"].append(report["per_second"])
        figures = {name: sorted(values)[1] for name, values in turns.items()}
        for outcome in ("sent", "failed", "dropped"):
            figures[outcome] = server.metric(f'ml_mirrored_requests_total{{model="bench",outcome="{outcome}"')
    return figures


def measure_peer(arguments, files, pin, port=18231):
    files["peer"].write_text(PEER)
    server = subprocess.Popen(pinned(0 if pin else None)
                              + [arguments.peer_python, files["peer"], files["package"], str(port)])
    try:
        subprocess.run(["curl", "-sf", "--retry", "60", "--retry-delay", "1", "--retry-connrefused",
                        f"http://127.0.0.1:{port}/healthz"], check=True, capture_output=True)
        return loaded(server, port, arguments, files, pin)
    finally:
        server.terminate()
        server.wait()


def measure_engines(bin_dir):
    run = subprocess.run([bin_dir / "bench_engine", "--models", "2", "--rows", "2000"], capture_output=True, text=True)
    return json.loads(run.stdout)


def measure_metrics(arguments, files):
    """Microseconds that drift bins and counters take of a request of one row."""
    run = subprocess.run([arguments.bin_dir / "bench_metrics", files["package"]], capture_output=True, text=True,
                         check=True)
    return json.loads(run.stdout)["us_per_request"]


def print_table(figures):
    print(f"{'':34}{'perch-server':>14}{'FastAPI':>14}{'ratio':>8}")
    for kind in ("pinned", "unpinned"):
        perch, peer = figures[kind]["perch"], figures[kind]["peer"]
        for name, key in (("requests/s", "per_second"), ("p50 ms", "p50_ms"), ("p99 ms", "p99_ms"),
                          ("resident MB", "resident_mb"), (f"{BATCH} rows over HTTP, ms", "batch_ms")):
            ratio = perch[key] / peer[key]
            print(f"{kind + ', ' + name:34}{perch[key]:>14.2f}{peer[key]:>14.2f}{ratio:>8.2f}")
        ratio = perch["binary_batch_ms"] / perch["batch_ms"]
        print(f"{f'{kind}, {BATCH} rows as bytes, ms':34}{perch['binary_batch_ms']:>14.2f}{'':14}{ratio:>8.2f} (of JSON)")
    mirror = figures["mirror"]
    print(f"{'pinned, requests/s, 10 % mirrored':34}{mirror['with']:>14.2f}{'':14}"
          f"{mirror['with'] / mirror['without']:>8.2f} (of {mirror['without']:.0f} without; "
          f"{mirror['sent']:.0f} sent, {mirror['failed']:.0f} failed, {mirror['dropped']:.0f} dropped)")
    for kind, times in ((kind, figures["engines"][kind]) for kind in ("numbers", "with_categories")):
        for name, count in (("one row", "one_row"), (f"{BATCH} rows", "rows_1000")):
            own, theirs = times[count]["perch_us"], times[count]["xgboost_us"]
            print(f"{name + ' of ' + kind + ', us':34}{own:>14.2f}{theirs:>14.2f}{own / theirs:>8.2f} (XGBoost's call)")


def verdict(name, value, limit, kept):
    print(f"{'kept' if kept else 'MISSED'}: {name} {value:.2f} (budget {limit})")
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir", type=pathlib.Path, nargs="?", default=ROOT / "build/release/bin")
    parser.add_argument("--peer-python", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    arguments.peer_python = arguments.peer_python or peer_python()
    figures = {"load": "wrk" if shutil.which("wrk") else "load_generator"}
    with tempfile.TemporaryDirectory() as name:
        files = {key: pathlib.Path(name, file) for key, file in (
            ("package", "package"), ("table", "table.csv"), ("bodies", "bodies.jsonl"), ("batch", "batch.json"),
            ("spec", "perch.yaml"), ("peer", "peer.py"), ("mirror", "mirror.json"))}
        batch = generate(files["table"], files["bodies"], files["batch"])
        train(arguments.bin_dir, files, pathlib.Path(name, "workspace"))
        processors = os.sched_getaffinity(0)
        for kind, pin in (("pinned", True), ("unpinned", False)):
            os.sched_setaffinity(0, {1} if pin else processors)  # this client too
            figures[kind] = {"perch": measure_perch(arguments, files, batch, pin),
                             "peer": measure_peer(arguments, files, pin)}
            figures[kind]["ratio"] = figures[kind]["perch"]["per_second"] / figures[kind]["peer"]["per_second"]
            if pin:
                figures["mirror"] = measure_mirror(arguments, files)
                figures["metrics_us"] = measure_metrics(arguments, files)
    figures["engines"] = measure_engines(arguments.bin_dir)
    print_table(figures)
    perch = figures["pinned"]["perch"]
    batch = max(1 / figures["engines"][kind]["rows_1000"]["ratio"] for kind in ("numbers", "with_categories"))
    # The pinned server does nothing but answer: one request takes it the inverse of its rate.
    metrics = figures["metrics_us"] * 1e-6 * perch["per_second"]
    kept = [verdict("requests per second over the peer's, pinned", figures["pinned"]["ratio"], "at least 20",
                    figures["pinned"]["ratio"] >= 20),
            verdict("p99 in ms, pinned", perch["p99_ms"], "below 5", perch["p99_ms"] < 5),
            verdict("resident MB", perch["resident_mb"], "below 60", perch["resident_mb"] < 60),
            verdict("share of drift bins and counters in a request", metrics, "at most 0.05", metrics <= 0.05),
            verdict(f"time of {BATCH} rows over XGBoost's", batch, "at most 1.2", batch <= 1.2)]
    print(json.dumps(figures))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
