#!/usr/bin/env python3
"""`perch data build` against pandas: the four features of a shop, from its orders, in turns, on one machine.

    python3 tests/bench/bench_features.py [--perch build/release/bin/perch] [--customers 1000000] [--orders 5000000]
                                          [--turns 3]

The tables are made once and lie in $XDG_CACHE_HOME/perch/bench, with the peer's own virtual environment, outside of
the source tree. Both sides read the same two CSV files and write Parquet. Of the turns the fastest counts, for either
side; then every feature of every customer is compared. Exits 1 if one differs.
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

SPEC = """model: bench
sources:
  customers: {{path: {customers}}}
  orders: {{path: {orders}}}
table: customers
types: {{total_price: number}}
features:
  as_of: observed_at
  columns:
    - {{name: days_since_last_purchase, from: orders, key: customer_id, time: created_at, aggregate: days_since_last}}
    - {{name: average_order_value_last_3_months, from: orders, key: customer_id, time: created_at, value: total_price, aggregate: mean, window: 3mo}}
    - {{name: has_used_discount_code_ever, from: orders, key: customer_id, time: created_at, aggregate: any, where: discount_code is not missing}}
    - {{name: order_count_last_6_months, from: orders, key: customer_id, time: created_at, aggregate: count, window: 6mo}}
"""

PEER = """
import sys
import numpy as np, pandas as pd
customers = pd.read_csv(sys.argv[1])
orders = pd.read_csv(sys.argv[2], usecols=["customer_id", "created_at", "total_price", "discount_code"])
customers["observed_at"] = pd.to_datetime(customers["observed_at"], utc=True, format="ISO8601")
orders["created_at"] = pd.to_datetime(orders["created_at"], utc=True, format="ISO8601")
orders = orders.merge(customers[["customer_id", "observed_at"]], on="customer_id")
orders = orders[orders["created_at"] < orders["observed_at"]]
dates = pd.DataFrame({"observed_at": customers["observed_at"].unique()})
for months in (3, 6):
    dates[f"from_{months}"] = dates["observed_at"] - pd.DateOffset(months=months)
orders = orders.merge(dates, on="observed_at")
by = "customer_id"
last = orders.groupby(by)["created_at"].max()
mean = orders[orders["created_at"] >= orders["from_3"]].groupby(by)["total_price"].mean()
used = orders["discount_code"].notna().groupby(orders[by]).any()
count = orders[orders["created_at"] >= orders["from_6"]].groupby(by).size()
result = customers.set_index(by)
result["days_since_last_purchase"] = (result["observed_at"] - last.reindex(result.index)) / pd.Timedelta(days=1)
result["average_order_value_last_3_months"] = mean.reindex(result.index)
result["has_used_discount_code_ever"] = used.reindex(result.index, fill_value=False).astype(bool)
result["order_count_last_6_months"] = count.reindex(result.index, fill_value=0).astype(float)
result.reset_index().to_parquet(sys.argv[3])
"""

MAKE = """
import sys
import numpy as np, pandas as pd
customers, orders = int(sys.argv[2]), int(sys.argv[3])
random = np.random.default_rng(7)
first = np.datetime64("2025-01-01", "s")
dates = pd.date_range("2026-01-01", periods=12, freq="15D").strftime("%Y-%m-%d").to_numpy()
pd.DataFrame({"customer_id": np.arange(customers), "plan": np.array(["free", "plus", "gold"])[random.integers(0, 3, customers)],
              "age": random.integers(18, 90, customers), "observed_at": dates[random.integers(0, len(dates), customers)],
              "churned": random.integers(0, 2, customers)}).to_csv(sys.argv[1] + "/customers.csv", index=False)
when = first + np.sort(random.integers(0, 600 * 86400, orders)).astype("timedelta64[s]")
codes = np.array(["", "", "", "SPRING10", "VIP"], dtype=object)
pd.DataFrame({"order_id": np.arange(orders), "customer_id": random.integers(0, int(customers * 1.02), orders),
              "created_at": np.char.add(np.datetime_as_string(when), "Z"), "total_price": random.gamma(2.0, 30.0, orders).round(2),
              "discount_code": codes[random.integers(0, len(codes), orders)]}).to_csv(sys.argv[1] + "/orders.csv", index=False)
"""

COMPARE = """
import sys
import numpy as np, pandas as pd
ours = pd.read_parquet(sys.argv[1], partitioning=None)
ours["customer_id"] = ours["customer_id"].astype(int)
ours, theirs = (table.set_index("customer_id").sort_index() for table in (ours, pd.read_parquet(sys.argv[2])))
assert len(ours) == len(theirs), (len(ours), len(theirs))
for name in theirs.columns[-4:]:
    a, b = ours[name].astype(float).to_numpy(), theirs[name].astype(float).to_numpy()
    wrong = int((~np.isclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)).sum())
    print(f"{name:36} {len(a)} rows, {int(np.isnan(b).sum())} missing, {wrong} differ")
    if wrong:
        sys.exit(1)
"""


def python():
    """The peer's own interpreter; pyarrow reads and writes its Parquet."""
    folder = CACHE / "features-venv"
    program = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([program, "-m", "pip", "install", "-q", "pandas", "pyarrow"], check=True)
        (folder / "complete").touch()
    return program


def tables(customers, orders):
    folder = CACHE / f"orders-{customers}-{orders}"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([python(), "-c", MAKE, folder, str(customers), str(orders)], check=True)
        (folder / "complete").touch()
    return folder / "customers.csv", folder / "orders.csv"


def run(command):
    """Wall and processor seconds and the peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--perch", type=pathlib.Path, default=ROOT / "build" / "release" / "bin" / "perch")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    customers, orders = tables(options.customers, options.orders)
    best = {}
    with tempfile.TemporaryDirectory() as scratch:
        spec = pathlib.Path(scratch) / "perch.yaml"
        spec.write_text(SPEC.format(customers=json.dumps(str(customers)), orders=json.dumps(str(orders))))
        for _ in range(options.turns):
            commands = {
                "perch": [options.perch, "--workspace", f"{scratch}/workspace", "--json", "data", "build", "--config", spec,
                          "--out", f"{scratch}/built"],
                "peer": [python(), "-c", PEER, customers, orders, f"{scratch}/peer.parquet"],
            }
            for side, command in commands.items():
                figures = run(command)
                best[side] = [min(pair) for pair in zip(best.get(side, figures), figures)]
        for side in ("perch", "peer"):
            wall, cpu, memory = best[side]
            print(f"{side:6} wall {wall:.2f} s, processor {cpu:.2f} s, memory {memory:.0f} MB")
        for index, name in enumerate(("wall", "cpu", "memory_mb")):
            print(f"ratio {name}: {best['perch'][index] / best['peer'][index]:.2f}")
        compared = subprocess.run([python(), "-c", COMPARE, f"{scratch}/built/current", f"{scratch}/peer.parquet"])
        sys.exit(compared.returncode)


main()
