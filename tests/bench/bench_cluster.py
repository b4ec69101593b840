#!/usr/bin/env python3
"""How the console follows a namespace with 5,000 Pods of 300 models, on a real API server with nodes of kwok.

    python3 tests/bench/bench_cluster.py [--programs build/release/bin] [--models 300] [--pods 5000] [--idle 60]

Starts the control plane of the tests (scripts/control-plane; needs kubectl), makes one Deployment for each model and
waits until kwok has made all Pods ready. Then measures

  - how long one list of the Pods takes, as the API server's JSON and nothing else;
  - `bench_cluster`, which watches as the console does: from its start until all is known, its memory, its processor time
    while nothing happens, and how late it knows that a Pod has become ready or unready, while nothing else happens and
    while 20 Deployments restart;
  - `perch status --json` as a process: time and peak memory;
  - `perch-console` without a display: processor time while nothing happens, and memory.

Exits 1 if a budget is not kept: all known after 1 s, 200 MB, 1 % of a core, 250 ms in the median, 1 s at worst.
"""
import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMESPACE = "scale"
NODES = 50
FILLED = 900  # seconds; until all Pods are ready


class Cluster:
    """The control plane, and requests to it as admin; one connection for each thread."""

    def __init__(self, folder):
        parts = {part: subprocess.run([ROOT / "scripts" / "control-plane", part], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout.strip() for part in ("control-plane", "kwok")}
        self.folder, self.local = folder, threading.local()
        self.process = subprocess.Popen([sys.executable, ROOT / "tests" / "cluster" / "control_plane.py", "--folder", folder,
                                         "--control-plane", parts["control-plane"], "--kwok", parts["kwok"],
                                         "--nodes", str(NODES)], stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            sys.exit("bench_cluster.py: the control plane did not start")
        self.kubeconfig = ready[1]
        server = json.loads(pathlib.Path(self.kubeconfig).read_text())["clusters"][0]["cluster"]["server"]
        self.port = int(server.rsplit(":", 1)[1])
        self.tls = ssl.create_default_context(cafile=folder / "ca.crt")
        self.tls.load_cert_chain(folder / "admin.crt", folder / "admin.key")

    def request(self, method, path, body=None, content="application/json"):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=60)
        self.local.connection.request(method, path, body and json.dumps(body), {"Content-Type": content})
        answer = self.local.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:200]}")
        return text

    def pods(self):
        return json.loads(self.request("GET", f"/api/v1/namespaces/{NAMESPACE}/pods"))["items"]

    def set_ready(self, pod, ready):
        state = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
                 "containerStatuses": [{"name": "serve", "image": "perch-server", "imageID": "", "ready": ready, "restartCount": 0,
                                        "state": {"running": {}}}]}
        self.request("PATCH", f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/status", {"status": state},
                     "application/strategic-merge-patch+json")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def is_ready(pod):
    conditions = pod["status"].get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def deployment(model, replicas):
    labels = {"app": model, "perch.dev/model": model, "perch.dev/version": "v1"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": model, "labels": labels},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": model}},
                     "template": {"metadata": {"labels": labels}, "spec": {"containers": [
                         {"name": "serve", "image": "perch-server", "resources": {"requests": {"cpu": "500m", "memory": "256Mi"}},
                          "ports": [{"containerPort": 8080}], "env": [{"name": "MODEL", "value": model}]}]}}}}


def fill(cluster, models, pods):
    cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: cluster.request("POST", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments",
                                                deployment(f"model-{i:03}", pods // models + (i < pods % models))), range(models)))
        end = time.monotonic() + FILLED
        while (ready := sum(map(is_ready, cluster.pods()))) < pods:
            if time.monotonic() > end:
                sys.exit(f"bench_cluster.py: {ready} of {pods} Pods are ready after {FILLED} s")
            print(f"{ready} of {pods} Pods", end="\r", file=sys.stderr, flush=True)
            time.sleep(3)
    time.sleep(10)  # the controllers write the status of their Deployments


class Follower:
    def __init__(self, program, cluster, pod):
        self.start = time.monotonic()
        self.process = subprocess.Popen([program, cluster.kubeconfig, "admin", NAMESPACE, pod], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.events, self.came = [], threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.came:
                self.events.append(json.loads(line) | {"seconds": time.monotonic() - self.start})
                self.came.notify_all()

    def wait(self, wanted, timeout=60):
        """The first event from `begin` on."""
        with self.came:
            if not self.came.wait_for(lambda: any(map(wanted, self.events)), timeout):
                raise RuntimeError("bench_cluster.py: the follower did not say it")
            return next(filter(wanted, self.events))

    def used(self):
        with self.came:
            before = len(self.events)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.wait(lambda event: event["event"] == "used" and self.events.index(event) >= before)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def delays(cluster, follower, pod, turns):
    """Milliseconds from before a Pod's status is written until the follower knows."""
    found = []
    for turn in range(turns):
        with follower.came:
            known = len(follower.events)
        begin = time.time() * 1e3
        cluster.set_ready(pod, turn % 2 == 1)
        event = follower.wait(lambda e: e["event"] == "pod" and follower.events.index(e) >= known)
        found.append(event["at_ms"] - begin)
        time.sleep(0.5)
    return found


def timed(command):
    """Seconds, peak MB and output of a process."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    return time.monotonic() - begin, usage.ru_maxrss / 1e3, out


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def console(program, cluster, workspace, idle):
    """Share of a core while nothing happens, and memory."""
    process = subprocess.Popen([program, "--workspace", workspace, "--kubeconfig", cluster.kubeconfig, "--context", "admin",
                                "--namespace", NAMESPACE], env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(15)
        before = processor_seconds(process.pid)
        time.sleep(idle)
        return (processor_seconds(process.pid) - before) / idle, resident_megabytes(process.pid)
    finally:
        process.terminate()
        process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--models", type=int, default=300)
    parser.add_argument("--pods", type=int, default=5_000)
    parser.add_argument("--idle", type=int, default=60)
    options = parser.parse_args()
    failed = []

    def within(what, value, limit):
        if value > limit:
            failed.append(what)

    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "plane").mkdir()
        cluster = Cluster(scratch / "plane")
        try:
            fill(cluster, options.models, options.pods)
            begin = time.monotonic()
            size = len(cluster.request("GET", f"/api/v1/namespaces/{NAMESPACE}/pods"))
            print(f"one list of the Pods: {time.monotonic() - begin:.2f} s, {size / 1e6:.0f} MB of JSON")
            pod = cluster.pods()[0]["metadata"]["name"]  # of model-000, which does not restart
            follower = Follower(options.programs / "bench_cluster", cluster, pod)
            full = follower.wait(lambda event: event["event"] == "full")
            time.sleep(5)
            before = follower.used()
            time.sleep(options.idle)
            after = follower.used()
            share = (after["processor_s"] - before["processor_s"]) / options.idle
            print(f"{full['models']} models and {full['pods']} Pods, {full['ready']} ready, known after {full['seconds']:.2f} s; "
                  f"{after['resident_mb']:.0f} MB resident; {share:.2%} of a core while nothing happens; {after['requests']} requests")
            within("time until all is known", full["seconds"], 1)
            within("memory", after["resident_mb"], 200)
            within("processor time", share, 0.01)
            quiet = delays(cluster, follower, pod, 20)
            print(f"a Pod's change is known after {statistics.median(quiet):.0f} ms in the median, {max(quiet):.0f} ms at worst")
            within("median of a change", statistics.median(quiet), 250)
            names = [f"deployment/model-{i:03}" for i in range(1, 21)]
            restart = subprocess.Popen(["kubectl", "--kubeconfig", cluster.kubeconfig, "rollout", "restart", "-n", NAMESPACE, *names],
                                       stdout=subprocess.DEVNULL)
            busy = delays(cluster, follower, pod, 20)
            restart.wait()
            print(f"while 20 Deployments restart {statistics.median(busy):.0f} ms in the median, {max(busy):.0f} ms at worst")
            within("worst change during a restart", max(busy), 1_000)
            print(f"memory after that {follower.used()['resident_mb']:.0f} MB")
            follower.stop()
            status = min(timed([options.programs / "perch", "--workspace", scratch / "w", "status", "--json", "--kubeconfig",
                                cluster.kubeconfig, "--context", "admin", "--namespace", NAMESPACE]) for _ in range(3))
            print(f"perch status: {status[0]:.2f} s, {status[1]:.0f} MB at most, {len(json.loads(status[2])['models'])} models")
            share, resident = console(options.programs / "perch-console", cluster, scratch / "w", options.idle)
            print(f"perch-console: {share:.2%} of a core while nothing happens, {resident:.0f} MB resident")
            within("the console's processor time", share, 0.01)
            within("the console's memory", resident, 200)
        finally:
            cluster.stop()
    print("over the budget: " + ", ".join(failed) if failed else "all budgets are kept")
    return 1 if failed else 0


sys.exit(main())
