# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pinwheel with the overlay of the tree, and NumPy; a test that finds no PyGObject or NumPy is skipped."""
import os
import sys

TOP = os.environ["top_srcdir"]
sys.path.insert(0, os.path.join(TOP, "tests", "pipelines"))

try:
    import gi
    import gi.overrides
    import numpy

    gi.overrides.__path__.insert(0, os.path.join(TOP, "include", "bindings"))
    gi.require_version("Pinwheel", "1.0")
    from gi.repository import Gio, GLib, GObject, Pinwheel
except (ImportError, ValueError) as error:
    print("1..0 # SKIP %s" % error)
    sys.exit(0)

__all__ = ["Gio", "GLib", "GObject", "Pinwheel", "TOP", "address", "fails", "numpy"]


def address(array):
    return array.__array_interface__["data"][0]


def fails(kind, words, function, *given):
    """Calls what must raise `kind`, with all of `words` in what it says; returns the exception."""
    try:
        function(*given)
    except kind as error:
        said = error.message if isinstance(error, GLib.Error) else str(error)
        for part in [words] if isinstance(words, str) else words:
            assert part in said, "%r is not said: %s" % (part, said)
        return error
    raise AssertionError("nothing was raised")
