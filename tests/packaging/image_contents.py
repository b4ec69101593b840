"""Makes the container image of a built perch-server and holds it against what packaging/README.md promises.

Usage: image_contents.py PERCH_SERVER ARCHIVE BUILD_TYPE. Leaves the archive for image_runs.py. Exits 1 on a failure.
"""
import gzip
import hashlib
import io
import json
import pathlib
import re
import runpy
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAKER = ROOT / "packaging/oci-image"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
EXPECTED = [
    r"usr/bin/perch-server", r"usr/lib/perch/libxgboost\.so", r"usr/lib/[a-z0-9_]+-linux-gnu/lib[\w.+-]+\.so(\.\d+)*",
    r"lib(64)?/ld-linux-[\w.-]+", r"etc/(passwd|group|nsswitch\.conf|os-release|ssl/certs/ca-certificates\.crt)",
    r"usr/share/doc/[\w.+-]+/(copyright|LICENSE)", r"usr/share/common-licenses/[\w.+-]+",
    r"var/lib/dpkg/status\.d/[\w.+-]+",
]
MIB = 1 << 20


def make(*options):
    return subprocess.run([MAKER, *options], capture_output=True, text=True)


def made(*options):
    run = make(*options)
    if run.returncode != 0:
        raise AssertionError(run.stderr)
    return json.loads(run.stdout)


class Image(unittest.TestCase):
    program: pathlib.Path
    archive: pathlib.Path
    build_type: str

    @classmethod
    def setUpClass(cls):
        cls.document = made("--program", cls.program, "--commit", COMMIT, "--out", cls.archive)
        with tarfile.open(cls.archive) as tar:
            cls.files = {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isfile()}
        cls.index = json.loads(cls.files["index.json"])
        cls.manifest = cls.blob_document(cls.index["manifests"][0])
        cls.config = cls.blob_document(cls.manifest["config"])
        cls.entries, cls.contents = {}, {}
        for layer in cls.manifest["layers"]:
            with tarfile.open(fileobj=io.BytesIO(gzip.decompress(cls.blob(layer)))) as tar:
                for entry in tar:
                    cls.entries[entry.name] = entry
                    if entry.isfile():
                        cls.contents[entry.name] = tar.extractfile(entry).read()

    @classmethod
    def blob(cls, descriptor):
        content = cls.files["blobs/" + descriptor["digest"].replace(":", "/")]
        assert len(content) == descriptor["size"], descriptor
        return content

    @classmethod
    def blob_document(cls, descriptor):
        return json.loads(cls.blob(descriptor))

    def test_every_blob_is_named_by_its_digest_and_used(self):
        used = {self.index["manifests"][0]["digest"], self.manifest["config"]["digest"],
                *(layer["digest"] for layer in self.manifest["layers"])}
        blobs = {name for name in self.files if name.startswith("blobs/")}
        self.assertEqual(blobs, {"blobs/" + digest.replace(":", "/") for digest in used})
        self.assertEqual(set(self.files) - blobs, {"oci-layout", "index.json"})
        for name in blobs:
            self.assertEqual(pathlib.Path(name).name, hashlib.sha256(self.files[name]).hexdigest())
        layers = [gzip.decompress(self.blob(layer)) for layer in self.manifest["layers"]]
        self.assertEqual(self.config["rootfs"]["diff_ids"],
                         ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers])

    def test_the_name_ends_with_the_commit(self):
        name = f"localhost/perch-server:{COMMIT}"
        self.assertEqual(self.index["manifests"][0]["annotations"]["io.containerd.image.name"], name)
        self.assertEqual(self.document["image"], name)
        self.assertEqual(self.document["digest"], self.index["manifests"][0]["digest"])
        self.assertEqual(self.config["config"]["Labels"]["org.opencontainers.image.revision"], COMMIT)
        self.assertEqual(self.config["config"]["Labels"]["org.opencontainers.image.licenses"], "Apache-2.0")
        self.assertNotIn("latest", json.dumps(self.index))

    def test_a_changed_tree_is_said_in_the_tag(self):
        maker = runpy.run_path(str(MAKER))
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C"]
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([*git, folder, "init", "-q"], check=True)
            subprocess.run([*git, folder, "commit", "-q", "--allow-empty", "-m", "Nothing"], check=True)
            clean = maker["tag_of"](folder)
            self.assertRegex(clean, "^[0-9a-f]{40}$")
            pathlib.Path(folder, "more").touch()
            self.assertEqual(maker["tag_of"](folder), clean + "-dirty")

    def test_it_runs_as_a_user_without_rights(self):
        config = self.config["config"]
        self.assertEqual((self.config["os"], config["User"], config["Entrypoint"]),
                         ("linux", "65532:65532", ["/usr/bin/perch-server"]))
        self.assertEqual(set(config["ExposedPorts"]), {"8080/tcp", "9101/tcp"})
        self.assertIn(b"perch:x:65532:65532:", self.contents["etc/passwd"])
        for name, entry in self.entries.items():
            self.assertTrue(entry.isfile() or entry.isdir(), f"{name} is neither a file nor a folder")
            self.assertEqual((entry.uid, entry.gid, entry.mtime), (0, 0, 0), name)
            self.assertEqual(entry.mode & 0o7022, 0, f"{name} has mode {entry.mode:o}")

    def test_nothing_is_in_it_that_is_not_needed(self):
        unexpected = [name for name in self.contents if not any(re.fullmatch(pattern, name) for pattern in EXPECTED)]
        self.assertEqual(unexpected, [])
        for pattern in EXPECTED:
            self.assertTrue(any(re.fullmatch(pattern, name) for name in self.contents), pattern)
        executable = [name for name, entry in self.entries.items() if entry.isfile() and entry.mode & 0o111]
        self.assertEqual(sorted(executable), sorted(["usr/bin/perch-server", next(
            name for name in self.contents if re.fullmatch(EXPECTED[3], name))]))
        named = {pathlib.Path(name).name for name in self.contents if "/status.d/" in name}
        licensed = {pathlib.Path(name).parent.name for name in self.contents if name.endswith("/copyright")}
        self.assertLessEqual(named, licensed, "a package without its license")

    def test_the_certificates_are_the_public_ones_alone(self):
        context = ssl.create_default_context(cadata=self.contents["etc/ssl/certs/ca-certificates.crt"].decode())
        self.assertGreater(len(context.get_ca_certs()), 100)
        mozilla = {file.read_bytes() for file in pathlib.Path("/usr/share/ca-certificates/mozilla").glob("*.crt")}
        end = b"-----END CERTIFICATE-----\n"
        ours = {part + end for part in self.contents["etc/ssl/certs/ca-certificates.crt"].split(end) if part}
        self.assertEqual(ours, mozilla)

    def test_it_is_small(self):
        sizes = {name: len(content) for name, content in self.contents.items()}
        sanitizers = [name for name in sizes if re.search(r"/lib[atu]b?san\.so", name)]
        if self.build_type == "Release":
            self.assertEqual(sanitizers, [])
            self.assertLess(self.document["archive_bytes"], 20 * MIB)
        else:  # the program of another build is larger; the rest is the same
            for name in [*sanitizers, "usr/bin/perch-server"]:
                del sizes[name]
        self.assertLess(sum(sizes.values()), 48 * MIB)
        print(f"{sum(sizes.values()) / MIB:.1f} MiB unpacked, {self.document['archive_bytes'] / MIB:.1f} MiB as an "
              f"archive, {len(sizes)} files")

    def test_the_same_input_gives_the_same_digest(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            shutil.copyfile(self.program, folder / "perch-server")  # another place and another time
            (folder / "perch-server").chmod(0o700)
            (folder / "libxgboost.so").symlink_to((self.program.parent / "libxgboost.so").resolve())
            again = made("--program", folder / "perch-server", "--commit", COMMIT, "--out", folder / "again.tar")
            self.assertEqual(again["digest"], self.document["digest"])
            self.assertEqual((folder / "again.tar").read_bytes(), self.archive.read_bytes())

    def test_the_unpacked_form_is_the_same_image(self):
        with tempfile.TemporaryDirectory() as name:
            tree = pathlib.Path(name, "tree")
            self.assertEqual(make("--program", self.program, "--commit", COMMIT, "--tree", tree).returncode, 0)
            found = {file.relative_to(tree).as_posix(): file.read_bytes() for file in tree.rglob("*") if file.is_file()}
        self.assertEqual(found, self.contents)

    def test_the_dockerfile_says_the_same(self):
        text = (ROOT / "packaging/Dockerfile").read_text().replace("\\\n", " ")
        final = text[text.rindex("FROM "):]
        config = self.config["config"]
        self.assertIn("FROM scratch\n", final)
        self.assertIn(f"USER {config['User']}\n", final)
        self.assertIn(f"EXPOSE {' '.join(config['ExposedPorts'])}\n", final)
        self.assertIn(f"ENTRYPOINT {json.dumps(config['Entrypoint'])}\n", final)
        self.assertIn(f"STOPSIGNAL {config['StopSignal']}\n", final)
        for label, value in config["Labels"].items():
            if label.rsplit(".", 1)[1] not in ("revision", "version"):
                self.assertIn(f'{label}="{value}"', final)
        self.assertNotIn("latest", text)
        for script in re.findall(r"\b(?:scripts|packaging)/[\w-]+", text):
            self.assertTrue((ROOT / script).is_file() or script == "packaging/Dockerfile", script)

    def test_it_says_what_is_missing(self):
        run = make("--program", "/nowhere/perch-server", "--commit", COMMIT)
        self.assertEqual((run.returncode, run.stderr),
                         (2, "packaging/oci-image: /nowhere/perch-server is not there.\n"))


if __name__ == "__main__":
    Image.program, Image.archive, Image.build_type = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    result = unittest.main(argv=sys.argv[:1], exit=False).result
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)
