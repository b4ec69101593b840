"""The walls between rooms: a file includes only its own room and rooms above it; Qt and foreign headers stay where
they belong. Usage: layers.py SOURCE_DIR. Exits 1 with one line per violation."""
import pathlib
import re
import sys

ROOMS = [
    "core/base", "core/spec", "core/http", "core/kube", "core/stats", "core/data/row", "core/data/source", "core/data",
    "core/data/build", "core/data/quality", "core/model/predict", "core/model", "core/evaluate", "core/drift",
    "core/registry", "core/training", "core/telemetry",
    "core/fleet", "core/rollout", "core/platforms/local", "core/platforms/kubernetes",
    "core/serving", "core/demo", "core/present", "widgets", "app",
]
# Rooms above that a room must nevertheless not know (the server's closure stays small, the widgets hold no I/O).
FORBIDDEN = {
    "core/serving": ["core/data/", "core/registry", "core/telemetry", "core/fleet", "core/rollout",
                     "core/platforms", "core/model/", "core/evaluate/", "core/drift/"],
    "core/model/predict": ["core/data/"],
    "core/platforms/local": ["core/data/", "core/model/", "core/evaluate/", "core/drift/"],
    "widgets": ["core/http", "core/kube", "core/platforms", "core/serving", "core/demo", "core/registry/embedded"],
}
ALLOWED = {  # exceptions to FORBIDDEN prefixes
    # Keys are compared as they are published; no Arrow behind that header.
    "core/serving": ["core/data/row/", "core/model/predict/", "core/data/build/cell_parser.h"],
    "core/model/predict": ["core/data/row/"],
    "core/platforms/local": ["core/data/row/", "core/model/predict/"],
}
# Heavy foreign headers never appear in our headers.
HEAVY = re.compile(r"^(arrow|parquet|boost|prometheus|curl|sqlite3|yaml-cpp|spdlog)(/|\.h)|^nlohmann/json\.hpp")


def room_of(path):
    best = None
    for room in ROOMS:
        if path == room or path.startswith(room + "/"):
            if best is None or len(room) > len(best):
                best = room
    return best


def main():
    root = pathlib.Path(sys.argv[1])
    problems, seen = [], 0
    for folder in ("core", "widgets", "app"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            seen += 1
            name = file.relative_to(root).as_posix()
            room = room_of(name)
            if room is None:
                problems.append(f"{name}:1: is in no room; add the folder to tests/lint/layers.py and ARCHITECTURE.md")
                continue
            for number, line in enumerate(file.read_text().splitlines(), 1):
                include = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
                if not include:
                    continue
                target = include.group(2)
                if include.group(1) == '"':
                    if not (root / target).exists():
                        problems.append(f"{name}:{number}: \"{target}\" is not a path from the top of the repository")
                        continue
                    other = room_of(target)
                    if other is None or ROOMS.index(other) > ROOMS.index(room):
                        problems.append(f"{name}:{number}: {room} must not include {target}")
                    elif any(target.startswith(p) for p in FORBIDDEN.get(room, [])) and not any(
                            target.startswith(p) for p in ALLOWED.get(room, [])):
                        problems.append(f"{name}:{number}: {room} must not know {target}")
                else:
                    if target.startswith("Q") and folder == "core":
                        problems.append(f"{name}:{number}: core includes no Qt, but <{target}>")
                    if target.startswith("QtCharts") and not name.startswith("widgets/charts/"):
                        problems.append(f"{name}:{number}: <{target}> belongs in widgets/charts only")
                    if file.suffix == ".h" and file.name != "precompiled.h" and HEAVY.match(target):
                        problems.append(f"{name}:{number}: the heavy header <{target}> belongs in a source, not a header")
    for problem in problems:
        print(problem)
    print(f"layers: {seen} files, {len(problems)} problems")
    return 1 if problems or seen == 0 else 0


sys.exit(main())
