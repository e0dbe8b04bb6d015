"""The C kernels, compiled when a run begins, and how they are called."""

import ctypes
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch

SOURCES = [pathlib.Path(__file__).with_name(name) for name in ("kernels.c", "products.c", "steps.c")]
# mallopt's M_TRIM_THRESHOLD and M_MMAP_THRESHOLD, and the most they take: freed memory stays with the process.
KEEP_FREED = {-1: 2**31 - 1, -3: 32 << 20}
NEEDED = {"avx512f", "avx512bw", "avx512_bf16", "amx_bf16"}
LOADED = []


def in_huge_pages():
    """Begins the program anew with a heap in huge pages, which glibc reads at the start alone."""
    if "GLIBC_TUNABLES" not in os.environ:
        os.environ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"
        os.execv(sys.executable, [sys.executable, *sys.argv])


def load():
    """False without AVX-512 and AMX in bf16, or without a C compiler."""
    flags = pathlib.Path("/proc/cpuinfo")
    if shutil.which("cc") is None or not flags.exists() or not NEEDED <= set(flags.read_text().split()):
        return False
    with tempfile.TemporaryDirectory() as folder:
        built = pathlib.Path(folder) / "kernels.so"
        subprocess.run(["cc", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", *SOURCES, "-o", built, "-lm"], check=True)
        kernels = ctypes.CDLL(str(built))
    for option, most in KEEP_FREED.items():
        ctypes.CDLL(None).mallopt(option, most)
    kernels.square_norm.restype = ctypes.c_double
    LOADED[:] = [kernels]
    return bool(kernels.tiles_allowed())


def pointer(tensor):
    return ctypes.c_void_p(tensor.data_ptr())


KINDS = {
    torch.Tensor: pointer, torch.nn.Parameter: pointer, type(None): lambda _: ctypes.c_void_p(), float: ctypes.c_float, int: ctypes.c_long,
}


def call(name, *given):
    return getattr(LOADED[0], name)(*(KINDS[type(each)](each) for each in given))
