"""Runs perch-server out of the container image as a cluster would: the image's files alone as a read-only root, user
65532, no capabilities, no new privileges, a network of nothing but loopback, a model package mounted read-only. It must
become ready, predict what `perch predict` says, by its own trees and by XGBoost's call, and end on SIGTERM.

Usage: image_runs.py PERCH ARCHIVE. Exits 77 with "NOT TESTED: ..." where this machine does not let it (it needs root).
Calls itself as `image_runs.py --inside ROOT BODY EXPECTED` within the namespaces.
"""
import csv
import ctypes
import fcntl
import gzip
import http.client
import io
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
NAMESPACES = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
USER = 65532
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG = 24, 38, 1
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
LIBC = ctypes.CDLL(None, use_errno=True)


def checked(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind, flags):
    checked(LIBC.mount(str(source).encode(), str(target).encode(), kind, flags, None), f"mount on {target}")


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def unpack(archive, root):
    with tarfile.open(archive) as tar:
        def document(descriptor):
            return json.load(tar.extractfile("blobs/" + descriptor["digest"].replace(":", "/")))
        manifest = document(json.load(tar.extractfile("index.json"))["manifests"][0])
        for layer in manifest["layers"]:
            content = gzip.decompress(tar.extractfile("blobs/" + layer["digest"].replace(":", "/")).read())
            with tarfile.open(fileobj=io.BytesIO(content)) as files:
                files.extractall(root)


def package_of(perch, folder):
    """A trained package, one row of its table as a request body, and the score of `perch predict` for the row."""
    table, spec, package = SOURCE / "resources/data/wa_churn.csv", folder / "perch.yaml", folder / "package"
    spec.write_text("model: churn\nlabel: churn\ntraining:\n  rounds: 20\n")
    with open(table) as file:
        head, line = file.readline(), file.readline()
    (folder / "row.csv").write_text(head + line)
    for verb in (["train", "--config", spec, "--data", table, "--positive", "Yes", "--out", package],
                 ["predict", "--package", package, "--data", folder / "row.csv", "--out", folder / "scores.csv"]):
        subprocess.run([perch, "--workspace", folder / "workspace", *verb, "--json"], check=True, capture_output=True)
    row = next(csv.DictReader(io.StringIO(head + line)))
    types = {field["name"]: field["type"] for field in json.loads((package / "transform.json").read_text())["fields"]}
    body = {name: None if row[name] == "" else row[name] if kind == "category" else json.loads(row[name].lower())
            for name, kind in types.items()}
    score = next(csv.DictReader(open(folder / "scores.csv")))["score"]
    for file in [package, *package.rglob("*")]:
        file.chmod(0o755 if file.is_dir() else 0o644)  # as a volume has it for the user of the Pod
    return package, json.dumps(body), score


def enclose(root):
    """What a container engine does before it starts the program; the mounts go with the namespace."""
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount(root, root, None, MS_BIND | MS_REC)
    mount(root.parent / "package", root / "models/churn", None, MS_BIND)
    mount("none", root / "models/churn", None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
    mount("proc", root / "proc", b"proc", MS_NOSUID | MS_NODEV)
    mount("none", root, None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
    try:
        (root / "file").touch()
        raise AssertionError("the root can be written")
    except OSError:
        pass


def become_nobody(root):
    """Between fork and exec: what is left is the user's."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.chroot(root)
    os.chdir("/")
    capability = 0
    while LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    checked(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def request(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def serve(root, engine, body, expected):
    server = subprocess.Popen(
        ["/usr/bin/perch-server", "--package", "/models/churn", "--version", "v1", "--address", "0.0.0.0",
         "--engine", engine, "--access-log", "-", "--access-log-sample", "1"],
        stdout=subprocess.PIPE, text=True, preexec_fn=lambda: become_nobody(root),
        # What XGBoost keeps until the end is no leak of ours; the list of such is outside.
        env={"ASAN_OPTIONS": "detect_leaks=0:detect_odr_violation=0"})
    try:
        ready = json.loads(server.stdout.readline() or "{}")
        expect(ready.get("ready"), f"not ready with engine {engine}")
        status = dict(re.findall(r"^(\w+):[ \t]*(.*)$", (root / f"proc/{server.pid}/status").read_text(), re.M))
        for name in ("Uid", "Gid"):
            expect(status[name].split() == [str(USER)] * 4, f"{name} {status[name]}")
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            expect(int(status[name], 16) == 0, f"{name} {status[name]}")
        expect((status["NoNewPrivs"], status["Groups"]) == ("1", ""), "new privileges or groups")
        expect(request(ready["port"], "GET", "/readyz")[0] == 200, "/readyz")
        code, answer = request(ready["port"], "POST", "/predict_churn", body)
        expect(code == 200, answer)
        prediction = json.loads(answer, parse_float=str)
        expect(prediction["model_version"] == "v1", answer)
        expect(float(prediction["predictions"][0]["score"]) == float(expected), f"{answer}, expected {expected}")
        metrics = request(ready["metrics_port"], "GET", "/metrics")[1]
        expect(f'ml_engine_info{{engine="{engine}",model="churn"' in metrics, f"engine {engine}")
        server.send_signal(signal.SIGTERM)
        logged = [json.loads(line)["path"] for line in server.communicate(timeout=30)[0].splitlines()]
        expect(server.returncode == 0, f"exit code {server.returncode}")
        expect(logged == ["/readyz", "/predict_churn"], f"access log {logged}")
        return answer
    finally:
        server.kill()
        server.wait()


def inside(root, body, expected):
    enclose(root)
    routes = (root / f"proc/{os.getpid()}/net/route").read_text().splitlines()[1:]
    expect(routes == [], f"there is a way out: {routes}")
    answers = [serve(root, engine, body, expected) for engine in ("perch", "xgboost")]
    print(f"user {USER}, no capabilities, read-only root: {answers[0]}")


def main():
    perch, archive = map(pathlib.Path, sys.argv[1:3])
    if os.geteuid() != 0:
        print("NOT TESTED: the image was not run, because that needs root.")
        return 77
    probe = subprocess.run([*NAMESPACES, "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        print(f"NOT TESTED: the image was not run, because namespaces are not permitted here: {probe.stderr.strip()}")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        root = folder / "root"
        unpack(archive, root)
        for place in ("proc", "models/churn"):
            (root / place).mkdir(parents=True)
        _, body, expected = package_of(perch, folder)
        return subprocess.run([*NAMESPACES, sys.executable, __file__, "--inside", root, body, expected],
                              timeout=200).returncode


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4])
        sys.exit(0)
    sys.exit(main())
