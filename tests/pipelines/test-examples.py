# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example that pinwheel-inspect shows for an element runs as it stands."""
import os
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import launch, main, test  # noqa: E402

SMOOTH = """
extern "C" __global__ void smooth (const float *x, float *y, float w, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = (1 - w) * x[i] + w * (x[max (i - 1, 0)] + x[min (i + 1, n - 1)]) * 0.5f;
}
"""


def examples(element):
    text = launch(element, tool="pinwheel-inspect").out
    return [line.strip() for line in text.split("Example:\n", 1)[1].splitlines() if line.strip()]


def one(element):
    def run_it():
        np.save("in.npy", np.arange(1000, dtype=np.float32))
        np.arange(3000, dtype=np.float32).tofile("in.raw")
        with open("smooth.cu", "w", encoding="utf-8") as file:
            file.write(SMOOTH)
        lines = examples(element)
        assert lines, "no example"
        for line in lines:
            assert element in line, line
            result = subprocess.run(["bash", "-c", line], stderr=subprocess.PIPE,
                                    stdout=subprocess.PIPE, timeout=200, check=False)
            assert result.returncode == 0, (line, result.stderr.decode())

    run_it.__name__ = "the_example_of_" + element
    test(run_it)


for name in launch("--names", tool="pinwheel-inspect").out.split():
    one(name)
main()
