"""The C kernels, compiled when a run begins, and how they are called."""

import ctypes
import pathlib
import shutil
import subprocess
import tempfile

import torch

SOURCES = [pathlib.Path(__file__).with_name(name) for name in ("kernels.c", "products.c", "steps.c")]
NEEDED = {"avx512f", "avx512bw", "avx512_bf16", "amx_bf16"}
LOADED = []


def load():
    """False without AVX-512 and AMX in bf16, or without a C compiler."""
    flags = pathlib.Path("/proc/cpuinfo")
    if shutil.which("cc") is None or not flags.exists() or not NEEDED <= set(flags.read_text().split()):
        return False
    with tempfile.TemporaryDirectory() as folder:
        built = pathlib.Path(folder) / "kernels.so"
        subprocess.run(["cc", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", *SOURCES, "-o", built, "-lm"], check=True)
        kernels = ctypes.CDLL(str(built))
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
