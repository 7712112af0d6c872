# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels of programs.cu, each with one block, as cases.py has the others."""
import numpy as np

from cases import ALONE, AS_IT_IS, Launch, f32, f64, i32, numbers, over, u32, u64
from cases import case as any_case


def case(block, forms=AS_IT_IS, **options):
    return any_case("programs.cu", [block], forms, **options)


def near(want, ulps):
    """Says whether what came out is so near to @want, in units of its type's precision at the
    largest number of a row."""
    def check(got):
        scale = np.maximum(abs(want).max(-1, keepdims=True), 1e-30)
        return (abs(got - want) <= ulps * np.finfo(got.dtype).eps * scale).all()
    return check


# --- sums, scans, lists ---

@case((96,))
def reduce_in_two_steps(block):
    x = numbers(3000).astype(f32)
    return Launch((4,), [x, np.zeros(1, f32), u64(len(x))], {1: np.array([x.sum()], f32)})


@case((64,))
def work_efficient_scan(block):
    x = numbers(5 * 128).reshape(5, 128)
    y = np.cumsum(x, axis=1) - x
    return Launch((5,), [x, np.zeros_like(x), i32(128)], {1: y.astype(i32)}, 4 * 128)


@case((128,))
def stream_compaction(block):
    x = numbers(5 * 128).reshape(5, 128)
    y, counts = np.zeros_like(x), (x > 20).sum(1).astype(i32)
    for k, count in enumerate(counts):
        y[k, :count] = x[k][x[k] > 20]
    return Launch((5,), [x, np.zeros_like(x), np.zeros(5, i32), i32(20)], {1: y, 2: counts})


# --- grids ---

@case((16, 16))
def heat_2d(block):
    w, h = 45, 30
    u = np.random.default_rng(1).random((h, w)).astype(f32)
    v, c = u.copy(), u[1:-1, 1:-1]
    v[1:-1, 1:-1] = c + f32(0.2) * (u[1:-1, :-2] + u[1:-1, 2:] + u[:-2, 1:-1] + u[2:, 1:-1]
                                    - f32(4) * c)
    return Launch((3, 2), [u, np.zeros_like(u), i32(w), i32(h), f32(0.2)], {1: v})


@case((16, 4), ALONE)
def stencil_3d(block):
    u = np.random.default_rng(2).random((9, 14, 37))
    v = np.zeros_like(u)
    mid = slice(1, -1)
    v[mid, mid, mid] = 0.5 * u[mid, mid, mid] + 0.125 * (
        u[:-2, mid, mid] + u[2:, mid, mid] + u[mid, mid, :-2] + u[mid, mid, 2:]
        + u[mid, :-2, mid] + u[mid, 2:, mid])
    return Launch((3, 4), [u, np.zeros_like(u), i32(37), i32(14), i32(9)], {1: v})


@case((32, 8))
def transpose_without_conflicts(block):
    x = numbers(70 * 45).astype(f32).reshape(45, 70)
    return Launch((3, 2), [np.zeros((70, 45), f32), x, i32(70), i32(45)], {0: x.T})


@case((16, 16))
def tiled_product_of_any_size(block):
    m, n, k = 37, 20, 50
    a, b = numbers(m * k).astype(f32).reshape(m, k), numbers(k * n, seed=4).astype(f32).reshape(k, n)
    return Launch((2, 3), [a, b, np.zeros((m, n), f32), i32(m), i32(n), i32(k)], {2: a @ b})


@case((32, 3), ALONE)
def game_of_life(block):
    x = (numbers(50 * 31) > 20).astype(np.uint8).reshape(31, 50)
    n = sum(np.roll(x, (r, c), (0, 1)) for r in (-1, 0, 1) for c in (-1, 0, 1)) - x
    y = ((n == 3) | ((n == 2) & (x == 1))).astype(np.uint8)
    return Launch((2, 11), [x, np.zeros_like(x), i32(50), i32(31)], {1: y})


@case((100,), ALONE)
def convolution_with_constants(block):
    n = 333
    x = np.random.default_rng(3).standard_normal(n).astype(f32)
    y = np.zeros(n, f32)
    for j, weight in enumerate([0.0625, 0.125, 0.25, 0.5, 0.25, 0.125, 0.0625]):
        y += x[np.clip(np.arange(n) + j - 3, 0, n - 1)] * f32(weight)
    return Launch(over(n, block), [x, np.zeros(n, f32), i32(n)], {1: y})


# --- numbers ---

@case((32, 4), ALONE)
def mandelbrot_set(block):
    w, h, scale = 75, 50, f32(0.04)
    cx = np.broadcast_to(np.arange(w).astype(f32) * scale - f32(2), (h, w))
    cy = np.broadcast_to((np.arange(h).astype(f32) * scale - f32(1))[:, None], (h, w))
    x, y, count = np.zeros((h, w), f32), np.zeros((h, w), f32), np.zeros((h, w), i32)
    with np.errstate(all="ignore"):
        for _k in range(80):
            goes = x * x + y * y <= f32(4)
            t = x * x - y * y + cx
            y = np.where(goes, f32(2) * x * y + cy, y)
            x = np.where(goes, t, x)
            count += goes
    return Launch((3, 13), [np.zeros((h, w), i32), i32(w), i32(h), scale, i32(80)], {0: count})


def philox(counter, key):
    c = [np.asarray(v, u64) for v in counter]
    low = u64(0xffffffff)
    for _k in range(10):
        p, q = u64(0xD2511F53) * c[0], u64(0xCD9E8D57) * c[2]
        c = [q >> u64(32) ^ c[1] ^ u64(key[0]), q & low, p >> u64(32) ^ c[3] ^ u64(key[1]), p & low]
        key = [key[0] + 0x9E3779B9 & 0xffffffff, key[1] + 0xBB67AE85 & 0xffffffff]
    return [v.astype(u32) for v in c]


@case((64,), ALONE)
def monte_carlo_with_philox(block):
    n, samples = 3 * 64, 25
    t, s = np.meshgrid(np.arange(n), np.arange(samples))
    c = philox([s, t, 0 * s, 0 * s], [777, 0xCAFE])
    x, y = ((v >> u32(8)).astype(f32) * f32(2**-24) for v in c[:2])
    return Launch((3,), [np.zeros(1, u64), np.zeros(n, u32), u32(777), i32(samples)],
                  {0: np.array([(x * x + y * y < 1).sum()], u64), 1: c[3][0]})


def sparse():
    rng = np.random.default_rng(5)
    a = np.where(rng.random((60, 200)) < 0.2, rng.integers(-9, 10, (60, 200)), 0)
    a[7] = 0
    a[8] = 1
    x, y = rng.integers(-9, 10, 200).astype(f64), np.arange(60.0)
    row = np.append(0, np.cumsum((a != 0).sum(1))).astype(i32)
    index, data = np.nonzero(a)[1].astype(i32), a[a != 0].astype(f64)
    return [i32(60), row, index, data, x, y], {5: a @ x + y}


@case((96,))
def spmv_csr_vector(block):
    return Launch((20,), *sparse())


@case((33,), ALONE)
def spmv_csr_scalar(block):
    return Launch((2,), *sparse())


@case((50,), ALONE)
def lower_bound(block):
    x, keys = np.sort(numbers(200)), numbers(300, -120, 120, seed=8)
    return Launch((3,), [x, i32(200), keys, np.zeros(300, i32), i32(300)],
                  {3: np.searchsorted(x, keys).astype(i32)})


@case((64,), ALONE)
def tridiagonal_systems(block):
    n, systems = 12, 100
    a, c, d = np.random.default_rng(6).random((3, n, systems))
    b = 3 + d
    cp, x = np.zeros_like(a), np.zeros_like(a)
    cp[0], x[0] = c[0] / b[0], d[0] / b[0]
    for i in range(1, n):
        m = 1 / (b[i] - a[i] * cp[i - 1])
        cp[i], x[i] = c[i] * m, (d[i] - a[i] * x[i - 1]) * m
    for i in range(n - 2, -1, -1):
        x[i] -= cp[i] * x[i + 1]
    return Launch((2,), [a, b, c, d, 0 * x, 0 * cp, i32(systems), i32(n)], {4: x, 5: cp})


@case((16, 8), ALONE)
def ray_tracer(block):
    w, h = 50, 30
    x, y = np.meshgrid(np.arange(w).astype(f32), np.arange(h).astype(f32))
    d = [(x - f32(0.5) * f32(w)) / f32(w), (y - f32(0.5) * f32(h)) / f32(h), np.ones_like(x)]

    def dot(u, v):
        return u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
    nearest, light = np.full_like(x, np.inf), np.zeros_like(x)
    for k in range(5):
        center = [f32(k) * f32(0.75) - f32(1.5), f32(k & 1) * f32(0.5), f32(4 + k)]
        oc = [f32(0) - v for v in center]
        b, c = dot(oc, d), dot(oc, oc) - f32(0.9) * f32(0.9)
        disc = b * b - dot(d, d) * c
        t = (-b - np.sqrt(np.maximum(disc, 0))) / dot(d, d)
        hit = (disc >= 0) & (t > 0) & (t < nearest)
        normal = [f32(1) / f32(0.9) * (f32(0) + t * u - v) for u, v in zip(d, center)]
        shade = np.maximum(f32(0), dot(normal, [f32(0.5), f32(-0.5), f32(-0.5)]))
        nearest, light = np.where(hit, t, nearest), np.where(hit, shade, light)
    image = (f32(255.99) * np.minimum(light, 1)).astype(np.uint8)
    return Launch((4, 4), [0 * image, 0 * x, i32(w), i32(h), i32(5)], {0: image, 1: nearest})


# --- bytes ---

def text(n):
    return np.random.default_rng(7).integers(0, 256, n).astype(np.uint8)


@case((100,))
def histogram_of_bytes(block):
    x = text(5000)
    return Launch((3,), [x, np.int64(5000), np.zeros(256, u32)],
                  {2: np.bincount(x, minlength=256).astype(u32)})


@case((128,), ALONE)
def words_and_letters(block):
    x = text(1500) & 127
    letter = np.isin(x, np.frombuffer(bytes(range(65, 91)) + bytes(range(97, 123)), np.uint8))
    turned = np.where(letter, x ^ 32, np.where(x == 9, 32, np.where(x == 0, 63, x)))
    words = (letter & ~np.append(False, letter[:-1])).sum()
    hexes = np.frombuffer(x.tobytes().hex().encode(), np.uint8)
    return Launch(over(1500, block),
                  [x, i32(1500), np.zeros(3000, np.uint8), 0 * x, np.zeros(1, i32)],
                  {2: hexes, 3: turned.astype(np.uint8), 4: np.array([words], i32)})


@case((32,), ALONE)
def edit_distance(block):
    a, b = (numbers(100 * 12, 97, 100, seed=k).astype(np.uint8).reshape(100, 12) for k in (1, 2))
    b[::3, 1:] = a[::3, :-1]
    want = []
    for s, t in zip(a.tolist(), b.tolist()):
        row = list(range(13))
        for i in range(1, 13):
            diagonal, row[0] = row[0], i
            for j in range(1, 13):
                cost = diagonal + (s[i - 1] != t[j - 1])
                diagonal, row[j] = row[j], min(cost, 1 + row[j], 1 + row[j - 1])
        want.append(row[12])
    return Launch((4,), [a, b, np.zeros(100, i32), i32(100)], {2: np.array(want, i32)})


@case((33,), ALONE)
def mixed_words(block):
    x = np.random.default_rng(9).integers(0, 2**32, (100, 16)).astype(u32)

    def turn(v, n):
        return v >> u32(n) | v << u32(32 - n)
    w = list(x.byteswap().T)
    for t in range(16, 32):
        s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> u32(3)
        s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> u32(10)
        w.append(w[t - 16] + s0 + w[t - 7] + s1)
    a, e, f, g = (np.full(100, v, u32) for v in (0x6a09e667, 0x510e527f, 0x9b05688c, 0x1f83d9ab))
    for t in range(32):
        s = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
        a, e, f, g = g, a + (e & f ^ ~e & g) + s + w[t], e, f
    return Launch((4,), [x, np.zeros(100, u32), i32(100)], {1: a ^ e ^ f ^ g})


@case((32, 2), ALONE)
def grey_pictures(block):
    x = text(20 * 240).reshape(20, 60, 4)
    r, g, b = (x[:, :55, k].astype(f32) for k in range(3))
    y = (f32(0.299) * r + f32(0.587) * g + f32(0.114) * b).astype(np.uint8)
    return Launch((2, 10), [x, np.zeros((20, 55), np.uint8), i32(55), i32(20), u64(240)], {1: y})


# --- graphs ---

def graph(n=120):
    rng = np.random.default_rng(10)
    return [np.unique(rng.integers(0, n, rng.integers(0, 5))) for _k in range(n)]


@case((64,))
def floyd_warshall_in_a_block(block):
    n = 30
    dist = np.full((n, n), 10**6, i32)
    for u, targets in enumerate(graph(n)):
        dist[u, targets] = 1 + (u + targets) % 7
    np.fill_diagonal(dist, 0)
    want = dist.copy()
    for k in range(n):
        want = np.minimum(want, want[:, k, None] + want[k])
    return Launch((1,), [dist, i32(n)], {0: want})


@case((32,), ALONE)
def next_frontier(block):
    targets = graph()
    row = np.append(0, np.cumsum([len(t) for t in targets])).astype(i32)
    frontier = np.arange(0, 120, 3).astype(i32)
    level = np.full(120, -1, i32)
    level[frontier] = 0
    found = np.unique(np.concatenate([targets[u] for u in frontier]))
    found = found[level[found] == -1]
    want = level.copy()
    want[found] = 1

    def each_once(got):
        return (np.sort(got[:len(found)]) == found).all() and not got[len(found):].any()
    return Launch((2,), [row, np.concatenate(targets).astype(i32), frontier, i32(len(frontier)),
                         level, np.zeros(120, i32), np.zeros(1, i32), i32(1)],
                  {4: want, 5: each_once, 6: np.array([len(found)], i32)})


# --- with functions of the library ---

@case((128,), ALONE)
def black_scholes(block):
    n = 300
    rng = np.random.default_rng(11)
    price, strike, years = (rng.uniform(a, b, n).astype(f32)
                            for a, b in ((5, 30), (1, 100), (0.25, 10)))
    s, x, t = (v.astype(f64) for v in (price, strike, years))
    d1 = (np.log(s / x) + (f64(f32(0.02)) + 0.5 * f64(f32(0.3))**2) * t) / (f32(0.3) * np.sqrt(t))
    d2 = d1 - f32(0.3) * np.sqrt(t)

    def cnd(d):
        k = 1 / (1 + 0.2316419 * abs(d))
        p = k * (0.31938153 + k * (-0.356563782 + k * (1.781477937 + k * (
            -1.821255978 + k * 1.330274429))))
        p = 0.39894228040143267794 * np.exp(-0.5 * d * d) * p
        return np.where(d > 0, 1 - p, p)
    bond = x * np.exp(-f64(f32(0.02)) * t)
    call = s * cnd(d1) - bond * cnd(d2)
    put = bond * (1 - cnd(d2)) - s * (1 - cnd(d1))
    want = np.stack([call, put], 1)
    return Launch(over(n, block), [np.zeros((n, 2), f32), price, strike, years, f32(0.02), f32(0.3),
                                   i32(n)], {0: lambda y: (abs(y - want) < 1e-4).all()})


@case((64,))
def n_body_tiles(block):
    n = 150
    p = np.random.default_rng(12).uniform(-1, 1, (n, 4)).astype(f32)
    q = p.astype(f64)
    r = q[None, :, :3] - q[:, None, :3]
    s = q[:, 3] / ((r * r).sum(2) + 0.01)**1.5
    want = np.zeros((n, 4))
    want[:, :3] = (r * s[:, :, None]).sum(1)
    return Launch(over(n, block), [p, np.zeros((n, 4), f32), i32(n)], {1: near(want, 400)}, 16 * 64)


@case((64,))
def softmax_of_rows(block):
    x = np.random.default_rng(13).uniform(-20, 20, (5, 333)).astype(f32)
    e = np.exp(x.astype(f64) - x.max(1, keepdims=True))
    return Launch((5,), [x, np.zeros_like(x), i32(333)], {1: near(e / e.sum(1, keepdims=True), 40)},
                  4 * 64)


@case((64,))
def fourier_transforms(block):
    x = np.random.default_rng(14).uniform(-1, 1, (3, 256, 2)).astype(f32)
    y = np.fft.fft(x[..., 0].astype(f64) + 1j * x[..., 1])
    want = np.stack([y.real, y.imag], 2)
    return Launch((3,), [x, i32(8)], {0: lambda got: (abs(got - want) < 1e-4).all()})
