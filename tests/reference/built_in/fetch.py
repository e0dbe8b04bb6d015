"""Fetches the drawings that the built-in model learns from: npm packages, named and pinned in packages/.

In: --work FOLDER, outside every checkout. Out: FOLDER/npm/node_modules. npm checks each package against the hash in
package-lock.json and runs none of their scripts. Licences: see README.md.
"""

import argparse
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    target = parser.parse_args().work / "npm"
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "packages" / name, target / name)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=target, check=True)


if __name__ == "__main__":
    main()
