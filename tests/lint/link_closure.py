"""What each program links: perch and perch-server no Qt, perch-server no Arrow, nobody but perch-console the Charts.
XGBoost is loaded at run time by all, linked by none. Usage: link_closure.py SOURCE_DIR BIN_DIR."""
import pathlib
import subprocess
import sys

FORBIDDEN = {
    "perch": ["libQt6", "libxgboost"],
    "perch-server": ["libQt6", "libarrow", "libparquet", "libxgboost"],
    "perch-console": ["libxgboost"],
}


def closure(program):
    lines = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split()[0] for line in lines if line.strip()]


def main():
    folder = pathlib.Path(sys.argv[2])
    problems, seen = [], 0
    for name, forbidden in FORBIDDEN.items():
        program = folder / name
        if not program.exists():
            continue
        seen += 1
        for library in closure(program):
            if any(library.startswith(prefix) for prefix in forbidden):
                problems.append(f"{name} links {library}")
    print("\n".join(problems + [f"link closure: {seen} programs, {len(problems)} problems"]))
    return 1 if problems or seen < 2 else 0


sys.exit(main())
