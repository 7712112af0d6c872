# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sweep of the logistic map over its parameter, chunk by chunk as the results come. With matplotlib
and a file name, also a plot."""
import sys

import gi
import numpy

gi.require_version("Pinwheel", "1.0")
from gi.repository import Pinwheel  # noqa: E402

r = numpy.linspace(2.5, 4, 4096)
x = numpy.full_like(r, 0.5)
step = "x = r*x*(1 - x)"
steps = " ! ".join(["map expr=\"%s\" keep=r" % step] * 8)
points = []
with Pinwheel.parse("appsrc name=in format='r:f64[*] x:f64[*]' ! upload ! %s ! download ! appsink name=out"
                    % steps) as pipeline:
    pipeline["in"].set_array("r", r)
    pipeline["in"].set_array("x", x)
    pipeline.set_property("chunk", 1024)
    pipeline.start()
    for chunk in pipeline["out"]:
        points.append((chunk["r"].copy(), chunk["x"].copy()))
    pipeline.wait()
r, x = (numpy.concatenate(parts) for parts in zip(*points))
print("%d points, x from %.4f to %.4f" % (len(x), x.min(), x.max()))
if len(sys.argv) > 1:
    try:
        import matplotlib
    except ImportError:
        sys.exit("no plot without matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.plot(r, x, ",")
    pyplot.savefig(sys.argv[1])
