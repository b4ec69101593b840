"""An HTTP server that behaves like Shopify's Admin API at its worst, for tests. Standard library only; loopback only.

    shopify_server.py --data FOLDER [--token TOKEN] [--port 0] [--bad-manners] [--evil-link]

FOLDER holds orders.jsonl and/or customers.jsonl: one record per line, in the order of their ids. Prints `port N` when it
listens. GET /admin/api/VERSION/{orders,customers}.json?limit=N[&page_info=CURSOR] answers a page and a Link header to
the next. With --bad-manners every page needs patience: 429 with Retry-After, a connection that is cut in the middle of
a page, 500, and pages that repeat the last records of the page before. With --evil-link the second page links to another
host. GET /__requests answers how many requests came, per status."""
import argparse
import collections
import http.server
import json
import pathlib
import threading
import urllib.parse

OVERLAP = 3  # records of the page before that come again
REFUSAL_SECONDS = "0.01"


class Shop:
    def __init__(self, options):
        self.options = options
        self.records = {}
        for name in ("orders", "customers"):
            file = pathlib.Path(options.data) / f"{name}.jsonl"
            if file.exists():
                self.records[name] = [line for line in file.read_text().splitlines() if line]
        self.lock = threading.Lock()
        self.tries = collections.Counter()
        self.answers = collections.Counter()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shop = None

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=(), cut=False):
        with self.shop.lock:
            self.shop.answers["cut" if cut else str(status)] += 1
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.close_connection = True

    def misbehave(self, key):
        """Whether this try of a page was spoiled: each page in its own way, and only at first."""
        with self.shop.lock:
            attempt = self.shop.tries[key]
            self.shop.tries[key] += 1
            trouble = (len(self.shop.tries) + attempt) % 3
        if not self.shop.options.bad_manners or attempt >= 2:
            return False
        if trouble == 0:
            self.answer(429, '{"errors":"Exceeded 2 calls per second for api client."}',
                        [("Retry-After", REFUSAL_SECONDS)])
        elif trouble == 1:
            self.answer(500, '{"errors":"Internal Server Error"}')
        else:
            self.answer(200, json.dumps({"orders": [{"id": -1}] * 50}), cut=True)
        return True

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/__requests":
            return self.answer(200, json.dumps(self.shop.answers))
        name = url.path.rsplit("/", 1)[-1].removesuffix(".json")
        if not url.path.startswith("/admin/api/") or name not in self.shop.records:
            return self.answer(404, '{"errors":"Not Found"}')
        if self.headers.get("X-Shopify-Access-Token") != self.shop.options.token:
            return self.answer(401, '{"errors":"[API] Invalid API key or access token"}')
        query = dict(urllib.parse.parse_qsl(url.query))
        begin = int(query.get("page_info", "0"))
        limit = max(OVERLAP + 1, min(int(query.get("limit", "50")), 250))
        if self.misbehave((name, begin)):
            return None
        records = self.shop.records[name]
        # What was bought meanwhile pushes records onto the next page.
        first = max(0, begin - OVERLAP) if self.shop.options.bad_manners else begin
        page = records[first : first + limit]
        end = first + len(page)
        headers = []
        if end < len(records):
            host = "evil.example" if self.shop.options.evil_link and begin > 0 else self.headers["Host"]
            link = f"http://{host}{url.path}?limit={limit}&page_info={end}"
            headers.append(("Link", f'<http://{host}{url.path}?page_info=0>; rel="previous", <{link}>; rel="next"'))
        return self.answer(200, f'{{"{name}":[{",".join(page)}]}}', headers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--token", default="shpat_test")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bad-manners", action="store_true")
    parser.add_argument("--evil-link", action="store_true")
    Handler.shop = Shop(parser.parse_args())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", Handler.shop.options.port), Handler)
    server.daemon_threads = True
    print(f"port {server.server_address[1]}", flush=True)
    server.serve_forever()


main()
