# SPDX-License-Identifier: LGPL-2.1-or-later
"""Elements written in Python: a source that makes NumPy arrays, and a sink that computes their mean. Between
them runs a kernel."""
import gi
import numpy

gi.require_version("Pinwheel", "1.0")
from gi.repository import GObject, Pinwheel  # noqa: E402


@Pinwheel.element("chirp", "source")
class Chirp(Pinwheel.Source):
    """A sine that becomes faster."""

    items = GObject.Property(type=GObject.TYPE_UINT64, default=1000, blurb="how many")
    rate = GObject.Property(type=float, default=1e-6, minimum=0, blurb="how fast it becomes faster")

    def do_negotiate(self):
        self.get_src().set_format(Pinwheel.Format.parse("x:f64[*]", self.items))

    def do_fill(self, chunk):
        t = numpy.arange(len(chunk)) + chunk.get_start()
        numpy.sin(self.rate * t * t, out=chunk["x"])  # no copy: this is the chunk's memory


@Pinwheel.element("mean", "sink")
class Mean(Pinwheel.Sink):
    """The mean of the array y."""

    def do_start(self):
        self.n, self.total = 0, 0.0

    def do_consume(self, chunk):
        self.n += len(chunk)
        self.total += chunk["y"].sum()


with Pinwheel.parse("chirp items=1M rate=1e-7 ! upload ! map expr='y = x*x' ! download ! mean name=mean") as pipeline:
    pipeline.run()
    mean = pipeline["mean"]
    print("%d items, mean %.4f" % (mean.n, mean.total / mean.n))
