# SPDX-License-Identifier: LGPL-2.1-or-later
"""A NumPy array goes through a kernel into another NumPy array; neither is copied where the kernel can
reach it."""
import gi
import numpy

gi.require_version("Pinwheel", "1.0")
from gi.repository import Pinwheel  # noqa: E402

x = numpy.arange(1, 4, dtype="f4")
y = numpy.empty_like(x)
with Pinwheel.parse('appsrc name=in format=x:f32[*] ! upload ! map expr="y = 2*x" ! download '
                    "! appsink name=out") as pipeline:
    pipeline["in"].set_array("x", x)
    pipeline["out"].set_array("y", y)
    pipeline.run()
print(*("%g" % value for value in y), sep="\n")
