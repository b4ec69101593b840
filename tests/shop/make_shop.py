#!/usr/bin/env python3
"""Writes the generated shop: the same bytes for the same seed, with the standard library alone. Invented data.

    python3 tests/shop/make_shop.py FOLDER [--customers 6000] [--seed 42]

    FOLDER/s3/shop/customers/part-N.csv.gz  for the S3 server: customers by ';', some of them twice (their e-mail in other
                                        letter case, an older row), with missing values and bad cells
    FOLDER/rest/orders.jsonl            for the REST server: all orders as Shopify gives them, in the order of their id
    FOLDER/rest/customers.jsonl         the same customers as the shop's API knows them
    FOLDER/tickets.csv                  for PostgreSQL: ticket_id,customer_id,opened_at,channel

A customer is observed at `observed_at`; `churned` says whether nothing was bought after it. Orders and tickets go on
after that moment: who looks at them knows the answer, which is what a feature that is correct as of a date must not.
How strongly the four features tell the label is set by SHARPNESS, such that peer.py reaches an F1 of 0.88.
"""
import argparse
import csv
import datetime
import gzip
import io
import json
import math
import pathlib
import random

PARTS = 4
SHARPNESS = 2.17
UTC = datetime.timezone.utc
FIRST_DAY = datetime.datetime(2025, 1, 1, tzinfo=UTC)
DAY = 86_400
PLANS = ("free", "plus", "gold")
COUNTRIES = ("DE", "FR", "IT", "NL", "PL", "ES")
CODES = ("SPRING10", "WELCOME", "VIP", "SUMMER5")


def iso(seconds, hours=0):
    """Seconds after the first day as ISO 8601, in a zone `hours` east of Greenwich."""
    moment = FIRST_DAY + datetime.timedelta(seconds=round(seconds))
    return moment.astimezone(datetime.timezone(datetime.timedelta(hours=hours))).isoformat()


class Customer:
    """One customer and everything that happened: times are seconds after the first day."""

    def __init__(self, number, chance):
        self.id = number
        self.email = f"{chance.choice('abcdefghkmnprst')}.{chance.choice(('berg', 'kern', 'lund', 'rossi', 'silva'))}" \
                     f"{number}@example.com"
        self.plan = chance.choices(PLANS, (6, 3, 1))[0]
        self.country = chance.choice(COUNTRIES)
        self.age = min(90, max(18, round(chance.gauss(41, 13))))
        self.credit = round(chance.random() ** 3 * 80, 2)
        self.created = chance.randrange(0, 200 * DAY)
        self.observed = chance.randrange(420, 540) * DAY  # midnight, in the first months of 2026
        self.updated = self.observed - chance.randrange(1, 30 * DAY)
        quiet = math.exp(chance.gauss(3.9, 1.0))            # days without an order when observed
        every = math.exp(chance.gauss(3.6, 0.5))            # days between two orders before
        basket = math.exp(chance.gauss(3.7, 0.45))
        uses_codes = chance.random() < 0.35
        complains = chance.random() ** 2 * 3.5
        self.orders, self.tickets = [], []
        moment = self.observed - quiet * DAY
        while moment > self.created:
            self.add_order(moment, basket, uses_codes, chance)
            moment -= (0.2 + chance.expovariate(1)) * every * DAY
        for _ in range(sum(chance.random() < complains / 6 for _ in range(6))):
            self.tickets.append(self.observed - chance.random() * 200 * DAY - 1)
        self.churned = chance.random() < 1 / (1 + math.exp(-SHARPNESS * self.risk()))
        # What came afterwards: who stayed bought again, who left may still have written.
        if not self.churned:
            moment = self.observed + chance.random() * 40 * DAY + 1
            while moment < self.observed + 110 * DAY:
                self.add_order(moment, basket, uses_codes, chance)
                moment += (0.2 + chance.expovariate(1)) * every * DAY
        if chance.random() < (0.7 if self.churned else 0.2):
            self.tickets.append(self.observed + chance.random() * 60 * DAY + 1)

    def add_order(self, moment, basket, uses_codes, chance):
        code = chance.choice(CODES) if uses_codes and chance.random() < 0.4 else None
        self.orders.append((round(moment), round(basket * math.exp(chance.gauss(0, 0.35)), 2), code))

    def risk(self):
        """Positive: more likely to leave. Of what was known when the customer was observed."""
        days = [(self.observed - moment) / DAY for moment, _, _ in self.orders]
        recent = [total for moment, total, _ in self.orders if self.observed - moment < 91 * DAY]
        since_last = min(days) if days else 300
        tickets = sum(self.observed - moment < 182 * DAY for moment in self.tickets)
        return 1.5 * math.log(since_last / 45 + 0.02) + 0.9 * (tickets - 1.2) \
            + (1.0 if not recent else -0.9 * math.log(sum(recent) / len(recent) / 42)) \
            - (1.3 if any(code for _, _, code in self.orders) else -0.2)


def other_case(email, chance):
    return "".join(letter.upper() if chance.random() < 0.4 else letter for letter in email)


def customer_rows(customers, chance):
    """Rows of the export: an older one of some customers besides, and cells that a person typed."""
    rows = []
    for one in customers:
        row = {"customer_id": one.id, "email": one.email, "plan": one.plan, "country": one.country, "age": one.age,
               "store_credit": f"{one.credit:.2f}", "marketing": "true" if one.id % 3 else "false",
               "created_at": iso(one.created), "updated_at": iso(one.updated), "observed_at": iso(one.observed),
               "churned": "yes" if one.churned else "no"}
        draw = chance.random()
        if draw < 0.03:
            row["age"] = ""
        elif draw < 0.05:
            row["country"] = ""
        elif draw < 0.054:
            row["age"] = "forty"
        elif draw < 0.058:
            row["store_credit"] = "see note"
        elif draw < 0.061:
            row["marketing"] = "perhaps"
        rows.append(row)
        if chance.random() < 0.04:
            older = dict(row, email=other_case(one.email, chance), plan="free", store_credit="0.00",
                         updated_at=iso(one.updated - chance.randrange(DAY, 100 * DAY)))
            rows.append(older)
    chance.shuffle(rows)
    return rows


def write_customers(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    for part in range(PARTS):
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[part::PARTS])
        with open(folder / f"part-{part}.csv.gz", "wb") as file, \
                gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            packed.write(text.getvalue().encode())


def order_records(customers):
    orders = sorted((moment, one.id, one.email, total, code or "")
                    for one in customers for moment, total, code in one.orders)
    return [{"id": 5_000_000 + index, "name": f"#{1000 + index}", "created_at": iso(moment, index % 3),
             "updated_at": iso(moment + 3_600), "currency": "EUR", "total_price": f"{total:.2f}",
             "financial_status": "paid", "customer": {"id": customer, "email": email},
             "discount_codes": [{"code": code, "amount": "5.00", "type": "fixed_amount"}] if code else []}
            for index, (moment, customer, email, total, code) in enumerate(orders)]


def customer_records(customers):
    return [{"id": one.id, "email": one.email, "created_at": iso(one.created), "updated_at": iso(one.updated),
             "orders_count": len(one.orders), "total_spent": f"{sum(total for _, total, _ in one.orders):.2f}",
             "state": "enabled", "verified_email": True} for one in customers]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--customers", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    customers = [Customer(7_000 + number, chance) for number in range(options.customers)]
    write_customers(options.folder / "s3" / "shop" / "customers", customer_rows(customers, chance))
    rest = options.folder / "rest"
    rest.mkdir(parents=True, exist_ok=True)
    for name, records in (("orders", order_records(customers)), ("customers", customer_records(customers))):
        (rest / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    tickets = sorted((round(moment), one.id) for one in customers for moment in one.tickets)
    with open(options.folder / "tickets.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("ticket_id", "customer_id", "opened_at", "channel"))
        writer.writerows((90_000 + index, customer, iso(moment), chance.choice(("mail", "chat", "phone")))
                         for index, (moment, customer) in enumerate(tickets))
    print(f"{len(customers)} customers, {sum(len(one.orders) for one in customers)} orders, {len(tickets)} tickets, "
          f"{sum(one.churned for one in customers) / len(customers):.1%} left")


if __name__ == "__main__":
    main()
