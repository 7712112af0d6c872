# SPDX-License-Identifier: LGPL-2.1-or-later
"""Arrays of every shape beside each other on a simulated GPU that is late at random: each item is where
NumPy has it, whatever the axis that is cut and the length of a chunk."""
import itertools
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import DEVICE, SANITIZED, files, main, run, test  # noqa: E402

RNG = np.random.default_rng(17)
N = 6
CHUNKS = (1, 4, N) if SANITIZED else range(1, N + 2)
SEEDS = itertools.count(1)


def sim():
    if DEVICE != "host":
        return DEVICE
    return "sim:delay=100us,seed=%d" % next(SEEDS)


def whole_numbers(*shape, dtype="float64"):
    """Sums and products of them are exact."""
    return RNG.integers(-99, 99, shape).astype(dtype)


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def joined(arrays):
    """The words that join the arrays, of which each is (array, chunk axis)."""
    words = []
    for name, (array, axis) in arrays.items():
        np.save(name + ".npy", array)
        words += ["npysrc", "location=%s.npy" % name, "array=" + name, "chunk-axis=%s" % axis, "!",
                  "z."]
    return words


KERNEL = """
// a: [4, 3] per item, cut along axis %(axis)d; s, row, column: one number per item; c: [4, 1, 3], placeholder:
// [1, 1, 1], the same for every chunk
extern "C" __global__ void k (const double *a, const int *s, const double *row, const double *column,
                              const double *c, const double *placeholder, double *y, int *flag,
                              double *unused, long long start, long long n)
{
  long long r = (long long) blockIdx.x * blockDim.x + threadIdx.x;
  if (r >= n)
    return;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 3; j++)
      {
        long long at = %(at)s;
        y[at] = a[at] * c[i * 3 + j] + s[r] + row[r] * column[r] + placeholder[0];
      }
  flag[r] = s[r] + (int) (start + r);
  unused[r] = 0;
}
"""
PLACES = ("(r * 4 + i) * 3 + j", "(i * n + r) * 3 + j", "(i * 3 + j) * n + r")


@test
def a_cut_axis_anywhere_beside_one_dimension_beside_arrays_that_are_not_cut():
    s = whole_numbers(N, dtype="int32")
    row, column = whole_numbers(1, N), whole_numbers(N, 1)
    c, placeholder = whole_numbers(4, 1, 3), whole_numbers(1, 1, 1)
    for axis, place in enumerate(PLACES):
        with open("k.cu", "w", encoding="utf-8") as file:
            file.write(KERNEL % {"axis": axis, "at": place})
        a = whole_numbers(N, 4, 3)
        expected = a * c[:, 0] + (s + row[0] * column[:, 0])[:, None, None] + placeholder[0, 0, 0]
        words = joined({"a": (np.moveaxis(a, 0, axis).copy(), axis), "s": (s, 0), "row": (row, 1),
                        "column": (column, 0), "c": (c, "none"),
                        "placeholder": (placeholder, "none")})
        shape = ["4", "3"]
        shape.insert(axis, "*")
        for chunk in CHUNKS:
            run("-q", "--chunk=%d" % chunk, "zip", "name=z", "!", "upload", "!", "kernel",
                "source=k.cu", "outputs=y[%s] flag[*] unused[1,*,1]" % ",".join(shape),
                "keep=row column c placeholder", "!", "download", "!", "npysink",
                "location=out-%s.npy", *words, device=sim())
            where = (axis, chunk)
            assert same(np.load("out-y.npy"), np.moveaxis(expected, 0, axis).copy()), where
            assert same(np.load("out-flag.npy"), s + np.arange(N, dtype="int32")), where
            assert same(np.load("out-unused.npy"), np.zeros((1, N, 1))), where
            for name, array in (("row", row), ("column", column), ("c", c),
                                ("placeholder", placeholder)):
                assert same(np.load("out-%s.npy" % name), array), (where, name)


@test
def every_axis_of_every_shape_is_cut_at_every_length():
    for shape in ((N,), (1, N), (N, 1), (1, N, 1), (1, 1, N), (2, N, 3), (2, 3, N)):
        axis = shape.index(N)
        x = whole_numbers(*shape)
        np.save("in.npy", x)
        for chunk in CHUNKS:
            run("-q", "--chunk=%d" % chunk, "npysrc", "location=in.npy", "chunk-axis=%d" % axis, "!",
                "upload", "!", "map", "expr=y = 2*x + 1", "!", "download", "!", "npysink",
                "location=out.npy", device=sim())
            assert same(np.load("out.npy"), 2 * x + 1), (shape, chunk)


@test
def a_cut_axis_of_length_one_is_one_item():
    for shape, axis in (((1,), 0), ((1, 4), 0), ((4, 1), 1), ((3, 1, 2), 1)):
        x = whole_numbers(*shape)
        np.save("in.npy", x)
        for options in ([], ["--chunk=1"], ["--chunk=5"]):
            run("-q", *options, "npysrc", "location=in.npy", "chunk-axis=%d" % axis, "!", "upload",
                "!", "map", "expr=y = x - 7", "!", "download", "!", "npysink", "location=out.npy",
                device=sim())
            assert same(np.load("out.npy"), x - 7), (shape, options)


@test
def inputs_of_which_none_is_cut_are_one_chunk():
    b, c = whole_numbers(2, 3), whole_numbers(1, 1)
    words = joined({"b": (b, "none"), "c": (c, "none")})
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("__global__ void k (const double *b, const double *c, double *y)\n"
                   "{ y[threadIdx.x] = b[threadIdx.x] * c[0]; }\n")
    for chunk in (0, 1, 5):
        run("-q", "--chunk=%d" % chunk, "zip", "name=z", "!", "upload", "!", "kernel", "source=k.cu",
            "outputs=y[6,*]", "threads=6", "block=6", "keep=b c", "!", "download", "!", "npysink",
            "location=out-%s.npy", *words, device=sim())
        assert same(np.load("out-y.npy"), (b * c[0, 0]).reshape(6, 1)), chunk
        assert same(np.load("out-b.npy"), b) and same(np.load("out-c.npy"), c), chunk
    assert sorted(files())[:3] == ["b.npy", "c.npy", "k.cu"] and len(files()) == 6, files()


@test
def an_axis_without_length_is_an_array_without_bytes():
    x = np.zeros((0, N))
    np.save("in.npy", x)
    for chunk in CHUNKS:
        run("-q", "--chunk=%d" % chunk, "npysrc", "location=in.npy", "chunk-axis=1", "!", "upload",
            "!", "map", "expr=y = x + 1", "!", "download", "!", "npysink", "location=out.npy",
            device=sim())
        assert same(np.load("out.npy"), x), chunk


main()
