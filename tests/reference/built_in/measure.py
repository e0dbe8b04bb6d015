"""How well a model of this kind does what it is told. Pictures come from the program itself, answers from judge.py.

    python measure.py --work FOLDER --program ../../../target/release/diffusion-lab --painter PAINTER --model MODEL [what …]

what: the files of measures/ by name (`--help` lists them); all of them without a name. Sheets go to FOLDER/measure. γ and steps
are what the model's lab.json recommends, 20 steps where pictures are counted. `--few 2` takes two of everything, to see that it runs.
"""

import argparse
import importlib
import pathlib

import torch

from measures import NAMES
from measures.bench import Bench


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--painter", type=pathlib.Path, help="the painter's program, for stage_2")
    parser.add_argument("--model", default="built-in")
    parser.add_argument("--guidance", type=float, help="γ; what the model recommends unless told otherwise")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--few", type=int, help="at most this many subjects, seeds and pairs")
    parser.add_argument("what", nargs="*", metavar="what", help=", ".join(NAMES))
    given = parser.parse_args()
    unknown = [name for name in given.what if name not in NAMES]
    if unknown:
        raise SystemExit(f"no measure is called {', '.join(unknown)}: there are {', '.join(NAMES)}")
    torch.set_num_threads(given.threads)
    torch.set_grad_enabled(False)
    bench = Bench(given)
    for name in given.what or NAMES:
        print(f"== {name}", flush=True)
        getattr(importlib.import_module(f"measures.{name}"), name)(bench)


if __name__ == "__main__":
    main()
