# SPDX-License-Identifier: LGPL-2.1-or-later
"""What NVRTC makes of a kernel, every operation rounded by itself, run without a GPU: by the programs of
tests/cuda."""
import os
import subprocess

import numpy as np

BUILT = os.path.join(os.path.abspath(os.environ.get("top_builddir", ".")), "tests", "cuda")


def compile(source, output):
    """From a file to a file. Returns: whether there is an NVRTC."""
    done = subprocess.run([os.path.join(BUILT, "nvrtc-compile"), source, output, "--fmad=false",
                           "--std=c++17", "--gpu-architecture=compute_80"],
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode in (0, 77), done.stderr
    return done.returncode == 0


def launch(folder, module, entry, grid, block, shared, args):
    """The arguments' files are made in `folder`. Returns: the arrays afterwards, by their index."""
    words = [",".join(map(str, grid)), ",".join(map(str, block)), str(shared)]
    for i, value in enumerate(args):
        if isinstance(value, np.ndarray):
            value.tofile(os.path.join(folder, "p%d" % i))
            words.append("buffer:" + os.path.join(folder, "p%d" % i))
        else:
            words.append("bytes:" + value.tobytes().hex())
    done = subprocess.run([os.path.join(BUILT, "ptx-launch"), module, entry, *words],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, "PTX: " + done.stderr
    return {i: np.fromfile(os.path.join(folder, "p%d" % i), value.dtype).reshape(value.shape)
            for i, value in enumerate(args) if isinstance(value, np.ndarray)}
