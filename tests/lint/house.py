"""House rules that a machine can check, over the files git tracks (or, without git, all files).
Usage: house.py SOURCE_DIR. Exits 1 with one line per violation."""
import pathlib
import re
import subprocess
import sys

CODE = {".h", ".cpp", ".py", ".sh", ".cmake"}
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
FIXED_WAIT = re.compile(r"std::this_thread::sleep_for|QTest::qWait\(|\busleep\(")
WAITERS = {"tests/support/test_support.cpp", "tests/lint/house.py"}  # the one place that polls, and this list
MAX_LINES = 600
BAD_NAMES = re.compile(r"^\s*(class|struct)\s+\w*(Manager|Helper|Util|Handler)\b")


def tracked(root):
    try:
        names = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True, check=True)
        return [n for n in names.stdout.splitlines() if (root / n).is_file()]
    except (OSError, subprocess.CalledProcessError):
        return [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and "build" not in p.parts]


def main():
    root = pathlib.Path(sys.argv[1])
    problems, seen = [], 0
    for name in tracked(root):
        path = root / name
        if path.suffix not in CODE:
            continue
        seen += 1
        lines = path.read_text().splitlines()
        if path.suffix in (".h", ".cpp") and len(lines) > MAX_LINES:
            problems.append(f"{name}:{len(lines)}: over {MAX_LINES} lines: is it two rooms?")
        if path.suffix == ".h" and "#pragma once" not in lines[:3]:
            problems.append(f"{name}:1: no #pragma once")
        for number, line in enumerate(lines, 1):
            if LEFTOVER.search(line):
                problems.append(f"{name}:{number}: unfinished work is an issue, not a comment")
            if name.startswith("tests/") and name not in WAITERS and FIXED_WAIT.search(line):
                problems.append(f"{name}:{number}: tests wait for a condition, never for a time")
            if path.suffix in (".h", ".cpp") and BAD_NAMES.match(line):
                problems.append(f"{name}:{number}: the name says nothing: what does the type do?")
    for problem in problems:
        print(problem)
    print(f"house: {seen} files, {len(problems)} problems")
    return 1 if problems or seen == 0 else 0


sys.exit(main())
