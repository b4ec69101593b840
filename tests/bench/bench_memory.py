#!/usr/bin/env python3
"""Peak memory of `perch data build` and `perch train` on data that do not fit into what they may hold.

    python3 tests/bench/bench_memory.py [--perch build/release/bin/perch] [--gigabytes 5] [--rounds 10] [--keep]

Writes customers.csv and orders.csv as a stream into $XDG_CACHE_HOME/perch/bench, of the given size together, a fifth of
it orders. The build types the columns, keeps the newest of the rows of a customer and computes four features as of each
row's date; then a model is trained on the built Parquet dataset. Prints wall, processor time and the peak memory of each
process (ru_maxrss), and exits 1 if the build held 1 GB or more. The tables are deleted at the end, however it ends.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "perch" / "bench"
BUDGET_MB = 1000

SPEC = """model: bench
label: churned
sources:
  customers: {{path: {folder}/customers.csv}}
  orders: {{path: {folder}/orders.csv}}
table: customers
types: {{total_price: number, updated_at: timestamp, observed_at: timestamp}}
deduplicate: {{by: email, ignore_case: true, newest: updated_at}}
features:
  as_of: observed_at
  columns:
    - {{name: days_since_last_purchase, from: orders, key: customer_id, time: created_at, aggregate: days_since_last}}
    - {{name: average_order_value_last_3_months, from: orders, key: customer_id, time: created_at, value: total_price, aggregate: mean, window: 3mo}}
    - {{name: has_used_discount_code_ever, from: orders, key: customer_id, time: created_at, aggregate: any, where: discount_code is not missing}}
    - {{name: order_count_last_6_months, from: orders, key: customer_id, time: created_at, aggregate: count, window: 6mo}}
training: {{rounds: {rounds}}}
"""

BLOCK = 5_000  # lines at once


def write_customers(path, bytes_wanted):
    """Five of six rows are older or newer versions of a customer who came before. Returns customers and rows."""
    cities = ("Amsterdam", "Berlin", "Copenhagen", "Dublin", "Edinburgh", "Florence", "Geneva", "Helsinki")
    plans = ("free", "plus", "gold")
    # What follows key and e-mail repeats, so that the writing is no slower than the disk.
    tails = [f",{plans[i % 3]},{cities[i % 8]},{18 + i * 7 % 70},{i * 37 % 10_000 / 100:.2f},{i * 53 % 100_000 / 7:.4f},"
             f"{i * 31 % 1_000 / 3:.3f},2026-0{1 + i % 6}-{1 + i % 28:02}T0{i % 10}:15:00Z,2026-0{7 + i % 2}-{1 + i % 14:02},"
             f"{'yes' if (i * 37 % 10_000) + (i * 7 % 70) * 60 > 7_000 else 'no'}\n" for i in range(7_919)]
    customers = written = row = 0
    with open(path, "w", buffering=1 << 20) as out:
        out.write("customer_id,email,plan,city,age,spent,visits,score,updated_at,observed_at,churned\n")
        while written < bytes_wanted:
            lines = []
            for _ in range(BLOCK):
                again = row % 6 > 0
                number = row * 2_654_435_761 % customers if again else customers
                customers += 0 if again else 1
                name = "Person" if again else "person"
                lines.append(f"{number},{name}.{number:09}@customers.example.org{tails[row % 7_919]}")
                row += 1
            block = "".join(lines)
            out.write(block)
            written += len(block)
    return customers, row


def write_orders(path, bytes_wanted, customers):
    tails = [f",2026-0{1 + i % 8}-{1 + i % 28:02}T{i % 24:02}:{i % 60:02}:00Z,{i * 61 % 20_000 / 100:.2f},"
             f"{('', '', 'SPRING10', '', 'VIP')[i % 5]}\n" for i in range(6_007)]
    written = order = 0
    with open(path, "w", buffering=1 << 20) as out:
        out.write("order_id,customer_id,created_at,total_price,discount_code\n")
        while written < bytes_wanted:
            lines = []
            for _ in range(BLOCK):
                lines.append(f"{order},{order * 2_246_822_519 % customers}{tails[order % 6_007]}")
                order += 1
            block = "".join(lines)
            out.write(block)
            written += len(block)
    return order


def run(command):
    """Its document, wall and processor seconds and peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: the verdict on the model, which nobody asks for here
        sys.exit(f"{' '.join(str(word) for word in command)} ended with {process.returncode}: {output.decode()[:500]}")
    return json.loads(output), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(options, folder):
    total = int(options.gigabytes * 1e9)
    customers, rows = write_customers(folder / "customers.csv", total * 4 // 5)
    orders = write_orders(folder / "orders.csv", total // 5, customers)
    size = sum((folder / name).stat().st_size for name in ("customers.csv", "orders.csv")) / 1e9
    print(f"{size:.2f} GB: {rows} rows of {customers} customers, {orders} orders", flush=True)
    (folder / "perch.yaml").write_text(SPEC.format(folder=folder, rounds=max(options.rounds, 1)))
    program = [options.perch, "--workspace", folder / "workspace", "--json"]
    _, wall, cpu, memory = run([*program, "data", "build", "--config", folder / "perch.yaml", "--out", folder / "built"])
    kept = memory < BUDGET_MB
    print(f"data build: wall {wall:.0f} s, processor {cpu:.0f} s, peak memory {memory:.0f} MB, below {BUDGET_MB}: "
          + ("kept" if kept else "NOT KEPT"), flush=True)
    for name in ("customers.csv", "orders.csv"):
        (folder / name).unlink()
    built = list((folder / "built" / "current").rglob("*.parquet"))
    print(f"built: {len(built)} files, {sum(file.stat().st_size for file in built) / 1e9:.2f} GB", flush=True)
    if options.rounds > 0:
        document, wall, cpu, memory = run([*program, "train", "--data", folder / "built" / "current", "--label", "churned",
                                           "--model", "bench", "--rounds", options.rounds, "--ignore", "email",
                                           "--ignore", "customer_id"])
        print(f"train, {options.rounds} rounds: wall {wall:.0f} s, processor {cpu:.0f} s, peak memory {memory:.0f} MB, "
              f"F1 {document['metrics']['f1']:.4f}")
    return kept


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--perch", type=pathlib.Path, default=ROOT / "build" / "release" / "bin" / "perch")
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=10, help="of the training; 0: none")
    parser.add_argument("--keep", action="store_true", help="do not delete the folder")
    options = parser.parse_args()
    folder = CACHE / "memory"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        kept = measure(options, folder)
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    sys.exit(0 if kept else 1)


main()
