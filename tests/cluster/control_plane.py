#!/usr/bin/env python3
"""Runs a real Kubernetes control plane (etcd, API server, controller manager, scheduler) on free ports of loopback,
until it is told to end (SIGINT, SIGTERM) or whoever started it has died.

    control_plane.py --folder EMPTY_FOLDER --control-plane PART [--kwok PART --nodes N] [--rollouts PART] [--gateway PART]

A PART is a folder that scripts/control-plane prints. `--nodes`: that many nodes, on which kwok lets Pods become ready at
once; those of the images in stages/*.yaml crash, or never become ready. Without, there are no nodes. `--rollouts`: the
controller of Argo Rollouts, with its CRDs. `--gateway`: the CRDs of Gateway API, and nothing that routes by them.

Prints `ready KUBECONFIG` once all of it is. The contexts of that kubeconfig are the users: `admin` (a client
certificate) and `viewer`, `operator`, `nobody` (tokens, no rights yet); `folder/token-NAME` holds each token,
`folder/ca.crt` the authority. A server that dies is started again, as its node would do; `folder/NAME.pid` is the
process of each."""
import argparse
import csv
import ctypes
import json
import pathlib
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

START_DEADLINE = 120  # seconds; the API server needs 5 to 10 on an idle machine
STAGES = pathlib.Path(__file__).parent / "stages"
USERS = {"viewer": "viewers", "operator": "operators", "nobody": "nobodies"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class ControlPlane:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.etcd_port, self.peer_port, self.port = free_port(), free_port(), free_port()
        self.processes, self.commands = {}, {}

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=self.folder, capture_output=True)

    def key(self, name):
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")

    def certificate(self, name, subject, extensions):
        self.key(name)
        (self.folder / f"{name}.ext").write_text(extensions)
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt")

    def make_certificates(self):
        self.key("ca")
        self.openssl("req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=perch-test", "-days", "2", "-out", "ca.crt")
        self.certificate("server", "/CN=kube-apiserver",
                         "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes\nextendedKeyUsage=serverAuth\n")
        self.certificate("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth\n")
        self.key("accounts")

    def make_users(self):
        with open(self.folder / "tokens.csv", "w", newline="") as out:
            for number, (user, group) in enumerate(USERS.items()):
                token = secrets.token_hex(16)
                (self.folder / f"token-{user}").write_text(token)
                csv.writer(out).writerow([token, user, number, group])

    def write_kubeconfig(self):
        users = [{"name": "admin", "user": {"client-certificate": "admin.crt", "client-key": "admin.key"}}]
        users += [{"name": user, "user": {"token": (self.folder / f"token-{user}").read_text()}} for user in USERS]
        cluster = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": "ca.crt"}
        document = {
            "apiVersion": "v1", "kind": "Config", "current-context": "admin", "users": users,
            "clusters": [{"name": "test", "cluster": cluster}],
            "contexts": [{"name": user["name"], "context": {"cluster": "test", "user": user["name"]}} for user in users],
        }
        self.kubeconfig = self.folder / "kubeconfig"
        self.kubeconfig.write_text(json.dumps(document, indent=1))  # JSON is YAML

    def start(self, name, *command):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log,
                                                    stdin=subprocess.DEVNULL, start_new_session=True,
                                                    preexec_fn=die_with_parent)
        (self.folder / f"{name}.pid").write_text(str(self.processes[name].pid))
        self.commands[name] = command

    def start_own(self, name, *flags):
        self.start(name, self.program, name, *flags)

    def restart_dead(self):
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(name, *self.commands[name])

    def start_etcd(self):
        client, peer = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{self.peer_port}"
        self.start_own("etcd", "--data-dir=etcd", f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
                       f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
                       f"--initial-cluster=default={peer}", "--unsafe-no-fsync", "--log-level=warn")

    def start_api_server(self):
        # Without the controller that follows heartbeats (see below) nothing would take the taint of a new node away.
        self.start_own("kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self.etcd_port}", f"--secure-port={self.port}",
                       "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
                       "--disable-admission-plugins=TaintNodesByCondition",
                       "--authorization-mode=Node,RBAC", "--token-auth-file=tokens.csv", "--client-ca-file=ca.crt",
                       "--tls-cert-file=server.crt", "--tls-private-key-file=server.key",
                       "--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=accounts.key",
                       "--service-account-signing-key-file=accounts.key", "--service-cluster-ip-range=10.96.0.0/16",
                       "--v=1")

    def start_controllers(self):
        common = ["--kubeconfig=kubeconfig", "--leader-elect=false", "--kube-api-qps=500", "--kube-api-burst=1000",
                  "--secure-port=0"]
        # Nodes of the tests send no heartbeat.
        self.start_own("kube-controller-manager", *common, "--service-account-private-key-file=accounts.key",
                       "--root-ca-file=ca.crt", "--controllers=*,-node-lifecycle-controller", "--v=1")
        self.start_own("kube-scheduler", *common)

    def kubectl(self, *arguments, document=None):
        done = subprocess.run(["kubectl", "--kubeconfig", self.kubeconfig, *arguments], input=document, text=True,
                              capture_output=True)
        if done.returncode != 0:
            sys.exit(f"control_plane.py: kubectl {arguments[0]} failed:\n{done.stderr}")

    def add_kinds(self, part):
        self.kubectl("apply", "--server-side", "-f", part / "crds")
        self.kubectl("wait", "--for=condition=Established", f"--timeout={START_DEADLINE}s", "-f", part / "crds")

    def add_nodes(self, part, count):
        stages = [f"--config={file}" for folder in (part / "stages", STAGES) for file in sorted(folder.glob("*.yaml"))]
        # Without a port it serves nothing. With leases, Pods that are new after its restart would wait for 80 s.
        self.start("kwok", part / "kwok", "--kubeconfig=kubeconfig", "--manage-all-nodes=true", "--node-port=0",
                   "--node-lease-duration-seconds=0", "--cidr=10.244.0.1/14", *stages)
        nodes = [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"node-{i}"}} for i in range(count)]
        self.kubectl("apply", "-f", "-", document=json.dumps({"apiVersion": "v1", "kind": "List", "items": nodes}))
        self.kubectl("wait", "--for=condition=Ready", f"--timeout={START_DEADLINE}s", "node", "--all")

    def add_rollouts(self, part):
        self.add_kinds(part)
        self.start("rollouts-controller", part / "rollouts-controller", "--kubeconfig=kubeconfig", "--leader-elect=false",
                   "--metricsPort=0", "--healthzPort=0", "--qps=500", "--burst=1000")

    def answers(self):
        context = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        context.load_cert_chain(self.folder / "admin.crt", self.folder / "admin.key")
        try:
            with urllib.request.urlopen(f"https://127.0.0.1:{self.port}/readyz", context=context, timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def wait_until_ready(self):
        end = time.monotonic() + START_DEADLINE
        while not self.answers():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    log = (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
                    sys.exit(f"control_plane.py: {name} ended with {process.returncode}:\n{log}")
            if time.monotonic() > end:
                sys.exit(f"control_plane.py: the API server is not ready after {START_DEADLINE} s")
            time.sleep(0.1)

    def stop(self):
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--control-plane", required=True, type=pathlib.Path)
    parser.add_argument("--kwok", type=pathlib.Path)
    parser.add_argument("--nodes", type=int, default=0)
    parser.add_argument("--rollouts", type=pathlib.Path)
    parser.add_argument("--gateway", type=pathlib.Path)
    options = parser.parse_args()
    if options.nodes > 0 and not options.kwok:
        parser.error("--nodes needs --kwok")
    die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    plane = ControlPlane(options.control_plane / "control-plane", options.folder.resolve())
    try:
        plane.make_certificates()
        plane.make_users()
        plane.write_kubeconfig()
        plane.start_etcd()
        plane.start_api_server()
        plane.wait_until_ready()
        plane.start_controllers()
        if options.gateway:
            plane.add_kinds(options.gateway)
        if options.rollouts:
            plane.add_rollouts(options.rollouts)
        if options.nodes > 0:
            plane.add_nodes(options.kwok, options.nodes)
        print(f"ready {plane.kubeconfig}", flush=True)
        while True:
            time.sleep(0.2)
            plane.restart_dead()
    finally:
        plane.stop()


main()
