"""Seconds and memory of the program at DeepFloyd's true size, on the files of make_if.py and make_t5_xxl.py. Python alone.

    python tests/reference/bench_true_size.py FOLDER ... [--program target/release/diffusion-lab] [--threads N] [--repeat 3]
                                              [--dtype f32 ...] [--cold]

FOLDER is a stage (unet/), what make_if.py wrote (stage-1/ and stage-2/), or a text encoder (text_encoder/ or t5.gguf).
A stage makes one guided step (stage I a batch of two at 64 px, stage II at 256 px), with and without --low-memory; an encoder
encodes one prompt, then three in one pass. One JSON line a row, medians: `seconds` are all of a run, `step` the step, `load`
the rest of it, `cpu` what the processor worked (no neighbour adds to that), `peak_mb` the most memory held, pages of the
mapped file included. `--cold` runs each row once more with the page cache dropped (Linux, root).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from make_t5_xxl import Noise, write_safetensors

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMPTS = ["a rocket ship", "an oil painting of a snowy mountain village", "a lithograph of a skull"]
WORDS = ["word0 word31 word7000", "word5 word6", "word100"]


def timed(given, arguments, scratch):
    """One run of the program in a process of its own."""
    environment = os.environ | {"DIFFUSION_LAB_EMBEDDINGS_CACHE": "off", "DIFFUSION_LAB_HOME": str(scratch / "home")}
    command = [str(word) for word in (given.program, *arguments, "--threads", given.threads)]
    start = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {child.returncode}")
    found = {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss * 1024 / 1e6}
    result = scratch / "out/result.json"
    if result.is_file():
        timings = json.loads(result.read_text())["timings"]
        (step,) = [value for name, value in timings.items() if name.endswith("_secs_per_step")]
        found |= {"step": step, "load": timings["total_secs"] - step}
        result.unlink()
    return found


def row(given, facts, arguments, scratch):
    runs = []
    if given.cold:
        os.sync()
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
        runs.append(("cold", [timed(given, arguments, scratch)]))
    else:
        # Brings the file into the page cache.
        timed(given, arguments, scratch)
    runs.append(("warm", [timed(given, arguments, scratch) for _ in range(given.repeat)]))
    for cache, times in runs:
        medians = {name: round(statistics.median(run[name] for run in times), 2) for name in times[0]}
        medians["peak_mb"] = round(max(run["peak_mb"] for run in times))
        print(json.dumps(facts | {"cache": cache, "runs": len(times), "threads": given.threads} | medians), flush=True)


def stage(given, folder, scratch):
    config = json.loads((folder / "unet/config.json").read_text())
    embeddings = scratch / "embeddings.safetensors"
    shape = (1, 77, config["encoder_hid_dim"])
    write_safetensors(embeddings, [(prompt, shape, 1.0, "e") for prompt in ("", PROMPTS[0])], Noise(5))
    verb = ["sample", "--stage-2", "none"]
    if config["in_channels"] == 6:
        verb = ["upscale", "--image", ROOT / "screenshots/draw.png"]
    for dtype in given.dtype:
        for low in ([], ["--low-memory"]):
            arguments = [*verb, "--model", folder, "--embeddings", embeddings, "--prompt", PROMPTS[0], "--guidance", 7]
            arguments += ["--steps", 1, "--dtype", dtype, "--quiet", "--out", scratch / "out", *low]
            row(given, {"model": str(folder), "dtype": dtype, "low_memory": bool(low)}, arguments, scratch)


def text_encoder(given, folder, scratch):
    file = folder / "t5.gguf"
    place = ["--text-encoder", file] if file.is_file() else ["--model", folder]
    texts = WORDS if file.is_file() else PROMPTS
    for count in (1, 3):
        prompts = [word for text in texts[:count] for word in ("--prompt", text)]
        arguments = ["encode", *place, *prompts, "--out", scratch / "encoded.safetensors"]
        row(given, {"model": str(folder), "prompts": count}, arguments, scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "target/release/diffusion-lab")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--dtype", nargs="+", choices=("f32", "f16", "bf16"), default=["f32"])
    parser.add_argument("--cold", action="store_true")
    given = parser.parse_args()
    for folder in given.folders:
        with tempfile.TemporaryDirectory() as scratch:
            for found in (folder, folder / "stage-1", folder / "stage-2"):
                if (found / "unet").is_dir():
                    stage(given, found, pathlib.Path(scratch))
            if (folder / "text_encoder").is_dir() or (folder / "t5.gguf").is_file():
                text_encoder(given, folder, pathlib.Path(scratch))


if __name__ == "__main__":
    main()
