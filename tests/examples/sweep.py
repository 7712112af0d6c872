# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sweep of the logistic map over its parameter: results are there chunk by chunk, as they come. With
matplotlib and the name of a file, the plot in it grows with them."""
import sys

import gi
import numpy

gi.require_version("Pinwheel", "1.0")
from gi.repository import Pinwheel  # noqa: E402

axes = None
if len(sys.argv) > 1:
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        figure, axes = pyplot.subplots()
    except ImportError:
        print("no plot without matplotlib", file=sys.stderr)

r = numpy.linspace(2.5, 4, 4096)
x = numpy.full_like(r, 0.5)
step = " ! ".join(["map expr='x = r*x*(1 - x)' keep=r"] * 8)
points = []
with Pinwheel.parse("appsrc name=in format='r:f64[*] x:f64[*]' ! upload ! %s ! download ! appsink name=out"
                    % step) as pipeline:
    pipeline["in"].set_array("r", r)
    pipeline["in"].set_array("x", x)
    pipeline.set_property("chunk", 1024)
    pipeline.start()
    for chunk in pipeline["out"]:
        points.append((chunk["r"].copy(), chunk["x"].copy()))
        if axes is not None:
            axes.plot(*points[-1], ",k")
            figure.savefig(sys.argv[1])
    pipeline.wait()

r, x = (numpy.concatenate(parts) for parts in zip(*points))
print("%d points, x from %.4f to %.4f" % (len(x), x.min(), x.max()))
