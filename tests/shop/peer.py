#!/usr/bin/env python3
"""The generated shop through pandas, scikit-learn and XGBoost: what Perch is compared with.

    python3 tests/shop/peer.py SHOP          # one line of JSON: F1 by seed of the split
    python3 tests/shop/peer.py SHOP --record # makes the shop there and writes reference.json and features.csv anew

It runs itself again in the peer's own virtual environment (tests/bench/bench_train.py makes the same one). The split is
the rule of `perch train`: 80/20, stratified, 500 rounds, rate 0.05, depth 5, threshold 0.5. Another program draws other
rows by the same rule, so that the mean over SEEDS is what can be compared.
"""
import json
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "perch" / "bench"
SEEDS = tuple(range(42, 52))
COLUMNS = ("days_since_last_purchase", "average_order_value_last_3_months", "has_used_discount_code_ever",
           "support_ticket_count_last_6_months")
SHOWN = 300  # customers whose features are kept for the comparison


def in_own_environment():
    python = CACHE / "venv" / "bin" / "python"
    if not (CACHE / "venv" / "complete").exists():
        venv.create(CACHE / "venv", with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "xgboost-cpu==3.2.0", "pandas", "scikit-learn"],
                       check=True)
        (CACHE / "venv" / "complete").touch()
    if pathlib.Path(sys.prefix) != CACHE / "venv":
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
        os.execv(python, [str(python), *sys.argv])


def customers(shop):
    """One row per e-mail address, the newest; cells that do not fit their type are missing."""
    import pandas as pd
    table = pd.concat(pd.read_csv(part, sep=";") for part in sorted((shop / "s3" / "shop" / "customers").glob("*.csv.gz")))
    for column in ("created_at", "updated_at", "observed_at"):
        table[column] = pd.to_datetime(table[column], utc=True)
    table["email"] = table["email"].str.lower()
    table = table.sort_values("updated_at", kind="stable").drop_duplicates("email", keep="last")
    for column in ("age", "store_credit"):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    table["marketing"] = table["marketing"].astype(str).str.lower().map({"true": 1.0, "false": 0.0})
    return table


def add_features(table, shop):
    """The four features of each customer, of what had happened before `observed_at`."""
    import pandas as pd
    orders = pd.json_normalize([json.loads(line) for line in open(shop / "rest" / "orders.jsonl")])
    orders = pd.DataFrame({"customer_id": orders["customer.id"], "at": pd.to_datetime(orders["created_at"], utc=True),
                           "total": orders["total_price"].astype(float),
                           "code": orders["discount_codes"].map(bool)})
    tickets = pd.read_csv(shop / "tickets.csv")
    tickets["at"] = pd.to_datetime(tickets["opened_at"], utc=True)

    def before(events, months=None):
        merged = events.merge(table[["customer_id", "observed_at"]], on="customer_id")
        merged = merged[merged["at"] < merged["observed_at"]]
        if months:
            merged = merged[merged["at"] >= merged["observed_at"] - pd.DateOffset(months=months)]
        return merged

    past = before(orders).groupby("customer_id")
    last = table["customer_id"].map(past["at"].max())
    table[COLUMNS[0]] = (table["observed_at"] - last).dt.total_seconds() / 86_400
    table[COLUMNS[1]] = table["customer_id"].map(before(orders, 3).groupby("customer_id")["total"].mean())
    table[COLUMNS[2]] = table["customer_id"].map(past["code"].any()).eq(True)
    table[COLUMNS[3]] = table["customer_id"].map(before(tickets, 6).groupby("customer_id").size()).fillna(0)
    return table


def f1_by_seed(table):
    import xgboost
    from sklearn.metrics import f1_score
    from sklearn.model_selection import train_test_split
    truth = (table["churned"] == "yes").astype(int)
    rows = table[[*COLUMNS, "age", "store_credit", "marketing"]].copy()
    rows[COLUMNS[2]] = rows[COLUMNS[2]].astype(int)
    for column in ("plan", "country"):
        rows[column] = table[column].astype("category")
    scores = {}
    for seed in SEEDS:
        a, b, y, z = train_test_split(rows, truth, test_size=0.2, stratify=truth, random_state=seed)
        model = xgboost.XGBClassifier(n_estimators=500, learning_rate=0.05, max_depth=5, tree_method="hist",
                                      enable_categorical=True, random_state=seed, n_jobs=1)
        model.fit(a, y)
        scores[str(seed)] = round(float(f1_score(z, model.predict_proba(b)[:, 1] >= 0.5)), 6)
    return scores


def main():
    in_own_environment()
    shop = pathlib.Path(sys.argv[1])
    record = "--record" in sys.argv[2:]
    if record:
        subprocess.run([sys.executable, HERE / "make_shop.py", shop], check=True)
    table = add_features(customers(shop), shop)
    scores = f1_by_seed(table)
    document = {"f1": scores, "f1_mean": round(sum(scores.values()) / len(scores), 6), "rows": len(table),
                "positives": int((table["churned"] == "yes").sum())}
    print(json.dumps(document))
    if record:
        (HERE / "reference.json").write_text(json.dumps(document, indent=2) + "\n")
        shown = table.sort_values("customer_id")[["customer_id", *COLUMNS]].iloc[:SHOWN]
        shown.to_csv(HERE / "features.csv", index=False, float_format="%.6f")


main()
