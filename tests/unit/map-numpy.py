# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs expressions through `test-map --run` and compares types and values with NumPy's.

usage: map-numpy.py PROGRAM. Where NumPy computes in f16, f32 is expected."""
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np

warnings.simplefilter("ignore")
if hasattr(np, "_set_promotion_state"):
    # the promotion of NumPy 2: a Python number takes the array's type
    np._set_promotion_state("weak")

TYPES = {"bool": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
         "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64,
         "f32": np.float32, "f64": np.float64}
NAMES = {np.dtype(t): n for n, t in TYPES.items()}
FLOATS = ("f32", "f64")
FUNCTIONS = ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "exp2",
             "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt"]
ULP = 6


def numpy_function(name):
    return getattr(np, {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(name, name))


def no_half(array):
    return array.astype(np.float32) if array.dtype == np.float16 else array


def as_float(a):
    """What NumPy's floating functions convert to, f32 for f16."""
    return a.astype(no_half(np.sin(a[:0])).dtype)


def exact_compare(op):
    """Whole numbers of any two types compare exactly."""
    def compare(a, b):
        if a.dtype.kind in "iu" and b.dtype.kind in "iu":
            return op(a.astype(object), b.astype(object)).astype(bool)
        return op(a, b)
    return compare


# expression, NumPy, which types (b: bool, i: whole, f: float), units in the last place
BINARY = [
    ("a + b", lambda a, b: a + b, "bif", 0),
    ("a - b", lambda a, b: a - b, "if", 0),
    ("a * b", lambda a, b: a * b, "bif", 0),
    ("a / b", lambda a, b: a / b, "bif", 0),
    ("a // b", lambda a, b: a // b, "bif", 0),
    ("a % b", lambda a, b: a % b, "bif", 0),
    ("a == b", exact_compare(lambda a, b: a == b), "bif", 0),
    ("a != b", exact_compare(lambda a, b: a != b), "bif", 0),
    ("a < b", exact_compare(lambda a, b: a < b), "bif", 0),
    ("a <= b", exact_compare(lambda a, b: a <= b), "bif", 0),
    ("a > b", exact_compare(lambda a, b: a > b), "bif", 0),
    ("a >= b", exact_compare(lambda a, b: a >= b), "bif", 0),
    ("a && b", np.logical_and, "bif", 0),
    ("a || b", np.logical_or, "bif", 0),
    ("a & b", lambda a, b: a & b, "bi", 0),
    ("a | b", lambda a, b: a | b, "bi", 0),
    ("a ^ b", lambda a, b: a ^ b, "bi", 0),
    ("a << b", lambda a, b: a << b, "bi", 0),
    ("a >> b", lambda a, b: a >> b, "bi", 0),
    ("min(a, b)", np.minimum, "bif", 0),
    ("max(a, b)", np.maximum, "bif", 0),
    ("a ? a : b", lambda a, b: np.where(a, a, b), "bif", 0),
    ("where(b, a, b)", lambda a, b: np.where(b, a, b), "bif", 0),
]
FLOAT_BINARY = [
    ("hypot(a, b)", lambda a, b: no_half(np.hypot(a, b)), "f", ULP),
    ("atan2(a, b)", lambda a, b: no_half(np.arctan2(a, b)), "f", ULP),
    ("pow(abs(a), b)", lambda a, b: np.abs(a) ** b, "f", ULP),
]
UNARY = [
    ("-a", lambda a: -a, "if", 0),
    ("+a", lambda a: +a, "if", 0),
    ("!a", np.logical_not, "bif", 0),
    ("~a", lambda a: ~a, "bi", 0),
    ("abs(a)", np.abs, "bif", 0),
    ("sign(a)", np.sign, "if", 0),
    ("round(a)", lambda a: no_half(np.round(a)), "bif", 0),
    ("floor(a)", np.floor, "f", 0),
    ("ceil(a)", np.ceil, "f", 0),
    ("trunc(a)", np.trunc, "f", 0),
    ("isnan(a)", np.isnan, "bif", 0),
    ("isinf(a)", np.isinf, "bif", 0),
    ("a + 2", lambda a: a + 2, "bif", 0),
    ("7 - a", lambda a: 7 - a, "bif", 0),
    ("a * 3", lambda a: a * 3, "bif", 0),
    ("a / 3", lambda a: a / 3, "bif", 0),
    ("a // 3", lambda a: a // 3, "bif", 0),
    ("a % 3", lambda a: a % 3, "bif", 0),
    ("a * 1.5 + 0.25", lambda a: a * 1.5 + 0.25, "bif", 0),
    ("a ** 2", lambda a: a ** 2, "if", 0),
    ("a ** 3", lambda a: a ** 3, "bif", ULP),
    ("2 ** (a & 3)", lambda a: 2 ** (a & 3), "i", 0),
    ("a ** (a & 7)", lambda a: a ** (a & 7), "i", 0),
    ("a ** -1.0", lambda a: a ** -1.0, "f", 0),
    ("abs(a) ** 0.5", lambda a: np.abs(a) ** 0.5, "f", 0),
    ("a ? 1 : 0", lambda a: np.where(a, 1, 0), "bif", 0),
    ("k * a + j", lambda a: 2 * a + 0.125, "bif", 0),
    ("a > k", lambda a: a > 2, "bif", 0),
]
ARGS = "k=2 j=0.125"


def kind(name):
    return "b" if name == "bool" else "f" if name in FLOATS else "i"


def numbers(rng, name, n):
    dtype = np.dtype(TYPES[name])
    if name == "bool":
        return rng.integers(0, 2, n).astype(bool)
    if name in FLOATS:
        a = (rng.normal(size=n) * 10.0 ** rng.integers(-3, 3, n)).astype(dtype)
        special = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 2.5, -2.5, 0.5, 1e30, 3.0]
        a[:12] = special
        a[12:24] = special[::-1]
        return a
    info = np.iinfo(dtype)
    a = rng.integers(info.min, info.max, n, dtype=dtype, endpoint=True)
    small = slice(n // 4, 3 * n // 4)
    a[small] = rng.integers(max(info.min, -9), 10, n // 2).astype(dtype)
    a[:6] = [info.min, info.max, 0, 1, info.max - 1, info.min]
    a[6:8] = [-1, -1] if info.min < 0 else [2, 3]
    return a


class Cases:
    def __init__(self, folder):
        self.folder = folder
        self.cases = []

    def add(self, arrays, args, statements, run, shapes=None):
        """arrays: name -> array; statements: (expression, expected array, ulp)."""
        shapes = shapes or {}
        formats = ["%s:%s%s" % (name, NAMES[a.dtype], shapes.get(name, "[*]"))
                   for name, a in arrays.items()]
        n = max(a.shape[-1] for a in arrays.values())
        text = ";".join("y%d = %s" % (i, s[0]) for i, s in enumerate(statements))
        path = os.path.join(self.folder, str(len(self.cases)))
        with open(path + ".case", "w") as f:
            f.write("%s\n%d\n%s\n%s" % (" ".join(formats), n, args, text))
        if run:
            with open(path + ".in", "wb") as f:
                for a in arrays.values():
                    f.write(a.tobytes())
        self.cases.append((arrays, statements, run, path))

    def check(self, program):
        run = subprocess.run([program, "--run", self.folder, str(len(self.cases))],
                             capture_output=True, text=True,
                             env=dict(os.environ, CK_VERBOSITY="normal"))
        if run.returncode:
            sys.exit(run.stdout + run.stderr)
        return sum(self.check_case(*case) for case in self.cases)

    def check_case(self, arrays, statements, run, path):
        with open(path + ".type") as f:
            types = [t.split(":")[1].split("[")[0] for t in f.read().split()]
        what = {name: NAMES[a.dtype] for name, a in arrays.items()}
        wrong = 0
        data = open(path + ".out", "rb").read() if run else b""
        for (expression, expected, ulp), type_name in zip(statements, types):
            if NAMES.get(expected.dtype) != type_name:
                print("%s of %s: type %s, NumPy has %s" % (expression, what, type_name,
                                                           expected.dtype), file=sys.stderr)
                wrong += 1
                continue
            if not run:
                continue
            got = np.frombuffer(data[:expected.nbytes], expected.dtype).reshape(expected.shape)
            data = data[expected.nbytes:]
            bad = np.flatnonzero(~same(got, expected, ulp))
            if len(bad):
                i = bad[0]
                inputs = {name: a.flat[i] for name, a in arrays.items() if a.size > i}
                print("%s of %s: %d values differ: %r gives %r, NumPy %r" % (
                    expression, what, len(bad), inputs, got.flat[i], expected.flat[i]),
                    file=sys.stderr)
                wrong += 1
        return wrong


def same(got, expected, ulp):
    equal = got == expected
    if expected.dtype.kind != "f":
        return equal.ravel()
    equal |= np.isnan(got) & np.isnan(expected)
    if ulp:
        equal |= np.abs(got - expected) <= ulp * np.spacing(np.abs(expected))
    return equal.ravel()


def binary(a, b, table):
    both = kind(NAMES[a.dtype]) + kind(NAMES[b.dtype])
    return [(e, np.asarray(f(a, b)), ulp) for e, f, kinds, ulp in table
            if all(k in kinds for k in both)
            and not ("f" not in kinds and np.result_type(a, b).kind == "f")]


def unary(a):
    return [(e, no_half(np.asarray(f(a))), ulp) for e, f, kinds, ulp in UNARY
            if kind(NAMES[a.dtype]) in kinds]


def functions(a):
    return [("%s(a)" % name, numpy_function(name)(as_float(a)), ULP) for name in FUNCTIONS]


def main(program):
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        cases = Cases(folder)
        empty = {name: np.zeros(0, dtype) for name, dtype in TYPES.items()}
        for a in TYPES:
            for b in TYPES:
                statements = binary(empty[a], empty[b], BINARY + FLOAT_BINARY)
                cases.add({"a": empty[a], "b": empty[b]}, "", statements, False)
        for name in TYPES:
            a, b = numbers(rng, name, 600), numbers(rng, name, 600)
            cases.add({"a": a, "b": b}, ARGS,
                      unary(a) + binary(a, b, BINARY + FLOAT_BINARY), True)
        for name in ("i8", "u16", "i32", "f32", "f64"):
            a = np.clip(numbers(rng, name, 600), 0 if name[0] == "u" else -80, 80)
            cases.add({"a": a.astype(TYPES[name])}, "", functions(a.astype(TYPES[name])), True)
        for pair in ("i8 u8", "u32 i16", "u64 i64", "i16 f32", "i64 f32", "f64 f32", "bool u16"):
            first, second = pair.split()
            a, b = numbers(rng, first, 500), numbers(rng, second, 500)
            cases.add({"a": a, "b": b}, "", binary(a, b, BINARY), True)
        casts(cases, rng)
        shapes(cases, rng)
        wrong = cases.check(program)
    return 1 if wrong else 0


def casts(cases, rng):
    """Between all types, and floats outside of a type's limits: these stop at them."""
    a = {"a": (rng.normal(size=500) * 50).clip(0, 127), "b": rng.integers(-300, 300, 500)}
    statements = [("%s(%s)" % (name, array), a[array].astype(dtype), 0)
                  for name, dtype in TYPES.items() for array in a]
    cases.add(a, "", statements, True)
    a = np.array([1e30, -1e30, np.nan, np.inf, -np.inf, 127.9, -128.9, 255.5])
    limits = [(name, np.iinfo(dtype)) for name, dtype in TYPES.items() if kind(name) == "i"]
    statements = [("%s(a)" % name, np.array(
        [0 if np.isnan(x) else limit.min if x <= limit.min else limit.max if x >= limit.max
         else int(x) for x in a], TYPES[name]), 0) for name, limit in limits]
    cases.add({"a": a}, "", statements, True)


def shapes(cases, rng):
    """Statements of several shapes, a scalar array, and a name used again."""
    x = rng.normal(size=(3, 333)).astype(np.float32)
    w = rng.normal(size=333)
    c = np.array([[2.5]])
    cases.add({"x": x, "w": w, "c": c}, "", [
        ("c * x + 1", c[0, 0] * x.astype(float) + 1, 0),
        ("y0 * 2", (c[0, 0] * x.astype(float) + 1) * 2, 0),
        ("w // 2 + c", w // 2 + c[0, 0], 0),
    ], True, {"x": "[3,*]", "w": "[*]", "c": "[1,1]"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
