"""Seconds for a picture of 20 guided steps, and for the cascade at what it recommends: the best of three, on an idle machine."""

TRIALS = 3


def speed(bench):
    for name, settings in (("20 guided steps at 64 px", {}), ("the cascade to 256 px", {"stage_2": "auto"})):
        found = []
        for trial in bench.few(range(TRIALS)):
            bench.run("sample", "--prompt", "a photo of a dog", "--seed", trial, **settings)
            found.append(bench.result()["timings"])
        best = min(found, key=lambda timings: timings["total_secs"])
        told = ", ".join(f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in best.items())
        print(f"{name}, {bench.given.threads} threads: {best['total_secs'] - best['load_secs']:.2f} s after loading ({told})", flush=True)
