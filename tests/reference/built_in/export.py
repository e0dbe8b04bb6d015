"""Writes a run's EMA as a diffusers folder in f16: stage I as an IFPipeline, stage II as FOLDER/stage-2 beside it.

    python export.py --work FOLDER --model MODEL --run stage-1-64 --out OUT
    python export.py --work FOLDER --model MODEL --run stage-2-256 --out OUT/stage-2

MODEL lends tokenizer and text encoder to stage I; stage II has none of its own. `--network` writes the weights in training
instead of their average. The folder's README and lab.json are written by hand.
"""

import argparse
import json
import pathlib
import shutil

import torch
from diffusers import DDPMScheduler

import checkpoints
from networks import unet
from objective import TIMESTEPS, scheduler

ABSENT = [None, None]
DIFFUSERS = {"scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DConditionModel"]}
TEXT = {"text_encoder": ["transformers", "T5EncoderModel"], "tokenizer": ["transformers", "T5Tokenizer"]}
INDEX = {
    1: {"_class_name": "IFPipeline", **DIFFUSERS, **TEXT},
    2: {
        "_class_name": "IFSuperResolutionPipeline", **DIFFUSERS, "image_noising_scheduler": ["diffusers", "DDPMScheduler"],
        "text_encoder": ABSENT, "tokenizer": ABSENT,
    },
}


def export(checkpoint, model, out, average=True):
    kept = checkpoints.load(checkpoint)
    stage = kept["stage"]
    network = unet(stage, kept["size"])
    network.load_state_dict(kept["ema" if average else "network"])
    network.half().save_pretrained(out / "unet")
    scheduler(stage).save_pretrained(out / "scheduler")
    if stage == 1:
        for part in ("tokenizer", "text_encoder"):
            shutil.copytree(model / part, out / part, dirs_exist_ok=True)
    else:
        noising = DDPMScheduler(num_train_timesteps=TIMESTEPS, beta_schedule="squaredcos_cap_v2")
        noising.save_pretrained(out / "image_noising_scheduler")
    index = {**INDEX[stage], "safety_checker": ABSENT, "feature_extractor": ABSENT, "watermarker": ABSENT}
    (out / "model_index.json").write_text(json.dumps(index, indent=1) + "\n")
    print(f"{out}: stage {stage}, {kept['pictures']} pictures, {kept['seconds'] / 3600:.2f} hours")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--run", default="stage-1-64")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--network", action="store_true")
    given = parser.parse_args()
    newest = checkpoints.newest(given.work / "checkpoints" / given.run)
    if newest is None:
        raise SystemExit(f"no checkpoint yet: run train.py first ({given.work / 'checkpoints' / given.run})")
    torch.set_grad_enabled(False)
    export(newest, given.model, given.out, average=not given.network)


if __name__ == "__main__":
    main()
