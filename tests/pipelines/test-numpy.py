# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes out of files, kernels and expressions equals NumPy's, whatever the chunking."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import launch, main, only_on_host, run, test  # noqa: E402

RNG = np.random.default_rng(5)
DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 " \
         "complex64 complex128".split()


def random_array(dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return RNG.integers(0, 2, shape).astype(dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return RNG.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    values = RNG.normal(size=shape) * 100
    if dtype.kind == "c":
        values = values + 1j * RNG.normal(size=shape)
    return values.astype(dtype)


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@test
def every_dtype_goes_through_a_file_and_comes_out_the_same():
    for dtype in DTYPES:
        x = random_array(dtype, (37, 3))
        np.save("in.npy", x)
        run("--chunk=5", "npysrc", "location=in.npy", "!", "upload", "!", "download", "!",
            "npysink", "location=out.npy")
        assert same(np.load("out.npy"), x), dtype


@test
def every_axis_may_be_cut_at_any_length():
    x = random_array("float32", (4, 13, 5))
    np.save("in.npy", x)
    for axis in range(3):
        for chunk in (1, 2, 3, 7, 13, 100):
            run("--chunk=%d" % chunk, "npysrc", "location=in.npy", "chunk-axis=%d" % axis, "!",
                "upload", "!", "map", "expr=y = x + 1", "!", "download", "!", "npysink",
                "location=out.npy")
            assert same(np.load("out.npy"), x + 1), (axis, chunk)


@test
def bits_do_not_depend_on_chunk_length_or_link_depth():
    x = random_array("float32", 10007)
    np.save("in.npy", x)
    reference = None
    for options in (["--chunk=%d" % c] for c in (1, 2, 7, 997, 10007)):
        if options == ["--chunk=1"]:
            np.save("in.npy", x[:500])
        run(*options, "npysrc", "location=in.npy", "!", "upload", "!", "map",
            "expr=y = exp(-x*x) * sin(x) + x/3", "!", "download", "!", "npysink",
            "location=out.npy")
        out = np.load("out.npy")
        if options == ["--chunk=1"]:
            head = out
            np.save("in.npy", x)
            continue
        reference = out if reference is None else reference
        assert same(out, reference), options
    assert same(head, reference[:500])
    for depth in range(1, 9):
        run("--chunk=501", "--link-depth=%d" % depth, "npysrc", "location=in.npy",
            "!", "upload", "!", "map", "expr=y = exp(-x*x) * sin(x) + x/3", "!", "download", "!",
            "npysink", "location=out.npy")
        assert same(np.load("out.npy"), reference), depth


@test
def no_item_one_item_and_an_axis_of_one_are_ordinary():
    for shape in ((0,), (1,), (0, 3), (3, 0), (5, 1), (1, 1, 1)):
        x = random_array("float64", shape)
        np.save("in.npy", x)
        for axis in range(len(shape)):
            run("npysrc", "location=in.npy", "chunk-axis=%d" % axis, "!", "upload", "!", "map",
                "expr=y = 2*x", "!", "download", "!", "npysink", "location=out.npy")
            assert same(np.load("out.npy"), 2 * x), (shape, axis)


@test
def a_broadcast_array_is_written_whole():
    x = random_array("float64", (3, 4))
    np.save("in.npy", x)
    run("npysrc", "location=in.npy", "chunk-axis=none", "!", "upload", "!", "download", "!",
        "npysink", "location=out.npy")
    assert same(np.load("out.npy"), x)


@test
def a_kernel_of_the_users_own_sees_its_neighbours_in_the_chunk():
    with open("smooth.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void smooth (const float *x, float *y, float w, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = (1 - w) * x[i] + w * (x[max (i - 1, 0)] + x[min (i + 1, n - 1)]) * 0.5f;
}
""")
    x = random_array("float32", 1000)
    np.save("in.npy", x)
    run("npysrc", "location=in.npy", "!", "upload", "!", "kernel", "source=smooth.cu",
        "entry=smooth", "args=w=0.25", "outputs=y[*]", "fp-mode=exact", "!", "download", "!", "npysink",
        "location=out.npy")
    p = np.concatenate([x[:1], x, x[-1:]])
    w = np.float32(0.25)
    expected = (np.float32(1) - w) * x + w * (p[:-2] + p[2:]) * np.float32(0.5)
    assert same(np.load("out.npy"), expected)


@test
def a_kernel_gives_arrays_of_other_shapes_and_keeps_some():
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void k (const double *x, double *pair, int *where, long long start, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  pair[i] = x[i];           // [2,*]: row 0
  pair[n + i] = 10 * x[i];  // row 1
  where[i] = (int) (start + i);
}
""")
    x = random_array("float64", 53)
    np.save("in.npy", x)
    for chunk in (1, 7, 53):
        run("--chunk=%d" % chunk, "npysrc", "location=in.npy", "!", "upload", "!", "kernel",
            "source=k.cu", "outputs=pair[2,*] where[*]", "keep=x", "!", "download", "!",
            "npysink", "location=out-%s.npy")
        assert same(np.load("out-pair.npy"), np.stack([x, 10 * x])), chunk
        assert same(np.load("out-where.npy"), np.arange(53, dtype=np.int32)), chunk
        assert same(np.load("out-x.npy"), x), chunk


@test
def arrays_of_different_shapes_and_a_broadcast_array_ride_together():
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("""
// a: [2, n, 3]; b: [n]; c: the same four numbers for every chunk
extern "C" __global__ void k (const double *a, const int *b, const double *c, double *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  double sum = 0;
  for (int j = 0; j < 2; j++)
    for (int k = 0; k < 3; k++)
      sum += c[k] * a[(j * n + i) * 3 + k];
  y[i] = sum + c[3] * b[i];
}
""")
    n = 101
    a = np.arange(2 * n * 3, dtype=np.float64).reshape(2, n, 3)
    b = np.arange(n, dtype=np.int32)
    c = np.arange(4, dtype=np.float64)
    for chunk in (1, 2, 7, n):
        run("--chunk=%d" % chunk, "testsrc", "format=a:f64[2,*,3] b:i32[*] c:f64[4]",
            "items=%d" % n, "!", "upload", "!", "kernel", "source=k.cu", "outputs=y[*]", "fp-mode=exact",
            "keep=a b c", "!", "download", "!", "npysink", "location=out-%s.npy")
        assert same(np.load("out-y.npy"), (a * c[:3]).sum(axis=(0, 2)) + c[3] * b), chunk
        assert same(np.load("out-a.npy"), a) and same(np.load("out-b.npy"), b), chunk
        assert same(np.load("out-c.npy"), c), chunk


@test
def an_array_may_be_updated_in_place():
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void k (float *x, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] += 1;
}
""")
    x = random_array("float32", 100)
    np.save("in.npy", x)
    run("--chunk=9", "npysrc", "location=in.npy", "!", "upload", "!", "kernel", "source=k.cu", "!",
        "download", "!", "npysink", "location=out.npy")
    assert same(np.load("out.npy"), x + np.float32(1))


@test
def what_is_updated_in_place_stays_whole_in_other_branches():
    only_on_host()
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void k (float *x, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] += 1;
}
""")
    x = random_array("float32", 1000)
    np.save("in.npy", x)
    for chunk in (3, 100, 1000):
        for buffers in (1, 2, 3):
            run("--chunk=%d" % chunk, "--pinned-memory=%d" % (buffers * (4 * chunk + 255)),
                "npysrc", "location=in.npy", "!", "upload", "!", "tee", "name=t",
                "t.", "!", "kernel", "source=k.cu", "!", "kernel", "source=k.cu", "!", "download",
                "!", "npysink", "location=a.npy",
                "t.", "!", "identity", "delay=100", "!", "download", "!", "npysink",
                "location=b.npy")
            assert same(np.load("a.npy"), x + np.float32(1) + np.float32(1)), (chunk, buffers)
            assert same(np.load("b.npy"), x), (chunk, buffers)


@test
def two_names_for_the_same_bytes_are_not_updated_in_place():
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void k (float *x, const float *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) { x[i] += 1; x[i] += y[i]; }
}
""")
    x = np.arange(100, dtype=np.float32)
    np.save("in.npy", x)
    for device in ("host", "sim"):
        run("--device=" + device, "--chunk=9", "npysrc", "location=in.npy", "!", "upload", "!", "tee",
            "name=t", "t.", "!", "z.", "t.", "!", "select", "rename=x=y", "!", "z.", "zip", "name=z",
            "!", "kernel", "source=k.cu", "keep=y", "!", "download", "!", "npysink",
            "location=out-%s.npy")
        assert same(np.load("out-x.npy"), 2 * x + np.float32(1)), device
        assert same(np.load("out-y.npy"), x), device


@test
def raw_files_hold_the_bytes_and_nothing_else():
    x = random_array("int32", (6, 11))
    x.tofile("in.raw")
    run("--chunk=4", "rawsrc", "location=in.raw", "format=x:i32[6,*]", "!", "rawsink",
        "location=out.raw")
    assert same(np.fromfile("out.raw", np.int32).reshape(6, 11), x)


@test
def a_pipe_has_no_known_total():
    x = random_array("float64", 12345)
    x.tofile("in.raw")
    with open("in.raw", "rb") as stdin:
        run("--chunk=100", "rawsrc", "location=-", "format=x:f64[*]", "!", "npysink",
            "location=out.npy", stdin=stdin)
    assert same(np.load("out.npy"), x)


@test
def statistics_equal_numpys_and_do_not_depend_on_chunks():
    x = random_array("float32", 20011)
    x[5] = np.nan
    np.save("in.npy", x)
    texts = set()
    for chunk in (1, 7, 1000, 20011):
        texts.add(run("--chunk=%d" % chunk, "npysrc", "location=in.npy", "!", "statsink").out)
    assert len(texts) == 1, texts
    numbers = texts.pop()
    finite = x[~np.isnan(x)].astype(np.float64)
    for value in (finite.min(), finite.max(), finite.mean(), finite.std()):
        assert any(abs(float(word) - value) <= 1e-5 * abs(value) for word in numbers.split()
                   if word.replace(".", "").replace("-", "").replace("e", "").replace("+", "")
                   .isdigit()), (value, numbers)


@test
def a_checksum_is_that_of_the_items_in_order():
    import hashlib
    x = random_array("int16", (5, 301))
    np.save("in.npy", x)
    for axis in (0, 1):
        digest = hashlib.sha256(np.ascontiguousarray(np.moveaxis(x, axis, 0)).tobytes())
        for chunk in (1, 7, 301):
            out = run("--chunk=%d" % chunk, "npysrc", "location=in.npy", "chunk-axis=%d" % axis,
                      "!", "checksumsink").out
            assert digest.hexdigest() in out, (axis, chunk, out)


@test
def a_tee_gives_every_branch_the_same():
    x = random_array("float32", 1000)
    np.save("in.npy", x)
    run("--chunk=10", "npysrc", "location=in.npy", "!", "upload", "!", "tee", "name=t",
        "t.", "!", "map", "expr=y = 2*x", "!", "download", "!", "npysink", "location=a.npy",
        "t.", "!", "download", "!", "npysink", "location=b.npy")
    assert same(np.load("a.npy"), 2 * x)
    assert same(np.load("b.npy"), x)


@test
def streams_are_joined_item_by_item_and_a_broadcast_file_goes_with_all():
    a = random_array("float64", (3, 101))
    b = random_array("int32", (101, 2))
    c = random_array("float64", (4,))
    for name, array in (("a", a), ("b", b), ("c", c)):
        np.save(name + ".npy", array)
    sources = ["npysrc", "location=a.npy", "array=a", "chunk-axis=1", "!", "z.",
               "npysrc", "location=b.npy", "array=b", "!", "z.",
               "npysrc", "location=c.npy", "array=c", "chunk-axis=none", "!", "z."]
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void k (const double *a, const int *b, const double *c, double *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = c[0] * a[i] + c[1] * a[n + i] + c[2] * a[2 * n + i] + c[3] * b[2 * i + 1];
}
""")
    expected = c[0] * a[0] + c[1] * a[1] + c[2] * a[2] + c[3] * b[:, 1]
    for chunk in (1, 2, 7, 101):
        run("--chunk=%d" % chunk, "zip", "name=z", "!", "npysink", "location=out-%s.npy", *sources)
        for name, array in (("a", a), ("b", b), ("c", c)):
            assert same(np.load("out-%s.npy" % name), array), (name, chunk)
        run("--chunk=%d" % chunk, "zip", "name=z", "!", "upload", "!", "kernel", "source=k.cu",
            "outputs=y[*]", "keep=b c", "fp-mode=exact", "!", "select", "keep=c y", "rename=y=sum", "!", "download",
            "!", "npysink", "location=out-%s.npy", *sources)
        assert same(np.load("out-sum.npy"), expected), chunk
        assert same(np.load("out-c.npy"), c), chunk


@test
def one_shell_word_many_and_a_file_give_the_same():
    x = random_array("float32", 100)
    np.save("in.npy", x)
    text = 'npysrc location=in.npy ! upload ! map expr="y = x * 2" ! download ! npysink location=out.npy'
    with open("line.pw", "w", encoding="utf-8") as file:
        file.write("# a comment\n" + text.replace(" ! ", " !\n  "))
    for words in ([text], text.replace('"', "").replace("expr=y = x * 2", "expr=y@=@x@*@2").split(),
                  ["-f", "line.pw"]):
        run(*[word.replace("@", " ") for word in words])
        assert same(np.load("out.npy"), x * 2), words
        os.remove("out.npy")


@test
def files_that_numpy_writes_in_every_version_are_read():
    x = random_array("float32", 10)
    for version in ((1, 0), (2, 0), (3, 0)):
        with open("in.npy", "wb") as file:
            np.lib.format.write_array(file, x, version=version)
        run("npysrc", "location=in.npy", "!", "npysink", "location=out.npy")
        assert same(np.load("out.npy"), x), version
    np.save("in.npy", x.astype(">f4"))
    result = launch("npysrc", "location=in.npy", "!", "npysink", "location=out.npy")
    assert result.code == 0 and same(np.load("out.npy"), x) or "big-endian" in result.err, result


main()
