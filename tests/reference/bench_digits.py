"""Milliseconds of one training step (forward, loss, backward, Adam) and peak memory with PyTorch, as one JSON line.

    python tests/reference/bench_digits.py [--kind class --hidden 64 --batch 64] [--threads N] [--steps K] [--planes]

The two rows of the table: `--kind class --hidden 64 --batch 64` and `--kind denoiser --hidden 128 --batch 256`.
PyTorch's best is channels_last; `--planes` leaves it out. ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 hold it to AVX2.
"""

import argparse
import json
import os
import resource
import time


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=["denoiser", "time", "class", "flow-time", "flow-class"], default="class")
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, default=15, help="timed, after two that are not")
    parser.add_argument("--planes", action="store_true", help="[n, c, h, w] in memory, too")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    import torch

    from digits_unet import UNet

    torch.set_num_threads(given.threads)
    torch.manual_seed(180)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    net, n = UNet(given.kind, given.hidden), given.batch
    x, target, t = torch.randn(n, 1, 28, 28), torch.randn(n, 1, 28, 28), torch.rand(n)
    c = torch.nn.functional.one_hot(torch.arange(n) % 10, 10).float()
    if not given.planes:
        net, x = net.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    seconds = []
    for _ in range(given.steps + 2):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(net(x, t, c), target).backward()
        optimiser.step()
        seconds.append(time.perf_counter() - start)
    seconds = sorted(seconds[2:])
    result = {
        "kind": given.kind,
        "hidden": given.hidden,
        "batch": given.batch,
        "layout": "planes" if given.planes else "channels_last",
        "threads": given.threads,
        "step_ms_median": round(seconds[len(seconds) // 2] * 1e3, 1),
        "step_ms_least": round(seconds[0] * 1e3, 1),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rss_of_torch_alone_mib": before,
        "torch": torch.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
