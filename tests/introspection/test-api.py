# SPDX-License-Identifier: LGPL-2.1-or-later
"""The public API is what symbols.list says, documented and annotated, and its headers stand alone."""
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

TOP = os.environ["top_srcdir"]
BUILD = os.environ["top_builddir"]
sys.path.insert(0, os.path.join(TOP, "tests", "pipelines"))
from tap import Skip, main, test  # noqa: E402

HEADERS = sorted(glob.glob(os.path.join(TOP, "include", "pinwheel", "*.h")))
LIBRARY = os.path.join(BUILD, ".libs", "libpinwheel-1.0.so")
GI = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"


def flags(*packages):
    out = subprocess.run(["pkg-config", "--cflags", *packages], check=True, capture_output=True, text=True)
    return ["-I" + os.path.join(TOP, "include"), "-I" + os.path.join(BUILD, "include")] + out.stdout.split()


def listed():
    with open(os.path.join(TOP, "tests", "introspection", "symbols.list"), encoding="utf-8") as file:
        return file.read().split()


@test
def exported_symbols_are_those_of_the_list():
    out = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], check=True, capture_output=True, text=True)
    found = {line.split()[2] for line in out.stdout.splitlines()}
    assert found == set(listed()), "only in one: %s" % sorted(found ^ set(listed()))


def compile_alone(header, language):
    compiler = {"c": "cc", "c++": "c++"}[language]
    if not shutil.which(compiler):
        raise Skip("no " + compiler)
    command = [compiler, "-x", language, "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
               *flags("gobject-2.0", "gio-2.0"), "-"]
    text = "#include <pinwheel/%s>\n" % os.path.basename(header)
    return subprocess.run(command, input=text, capture_output=True, text=True).stderr


def compile_all(language):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        errors = list(pool.map(lambda header: compile_alone(header, language), HEADERS))
    assert len(errors) > 20 and not any(errors), "".join(errors)


@test
def every_header_compiles_alone_in_C():
    compile_all("c")


@test
def every_header_compiles_alone_in_CXX():
    compile_all("c++")


@test
def every_public_function_has_a_description_of_itself_and_of_what_it_takes():
    missing = []
    for header in HEADERS:
        with open(header, encoding="utf-8") as file:
            text = file.read()
        for match in re.finditer(r"^PINWHEEL_API\n(?!G_DECLARE)(.*?);", text, re.M | re.S):
            name, taken = re.search(r"(pinwheel_\w+) \((.*?)\)", match.group(1), re.S).groups()
            if name.endswith("_get_type"):
                continue
            comment = re.search(r"/\*\*\n \* %s:(?:(?!\*/).)*\*/\n\Z" % name, text[:match.start()], re.S)
            if not comment:
                missing.append(name)
                continue
            body = comment.group(0)
            for parameter in re.findall(r"(\w+)(?:,|$)", taken):
                if parameter not in ("self", "error", "void") and not re.search(
                        r"^ \* @%s: \S" % parameter, body, re.M):
                    missing.append("%s @%s" % (name, parameter))
            # more than the name and the parameters
            if not re.search(r"^ \* ?\n \* \S", body, re.M):
                missing.append(name + ": no text")
    assert not missing, missing


@test
def the_scanner_has_nothing_to_say():
    scanner = shutil.which("g-ir-scanner")
    if not scanner:
        raise Skip("no g-ir-scanner")
    done = subprocess.run(
        [scanner, "--warn-all", "--warn-error", "--quiet", "--namespace=Pinwheel", "--nsversion=1.0",
         "--identifier-prefix=Pinwheel", "--symbol-prefix=pinwheel", "--include=GObject-2.0",
         "--include=Gio-2.0", "--library=pinwheel-1.0", "-L" + os.path.dirname(LIBRARY),
         *flags("gobject-2.0", "gio-2.0"), "--output=Pinwheel-1.0.gir", *HEADERS],
        capture_output=True, text=True, env=dict(os.environ, CC="cc"))
    said = [line for line in (done.stdout + done.stderr).splitlines() if "arning" in line or "rror" in line]
    assert done.returncode == 0 and not said, "\n".join(said) or done.stderr


@test
def the_gir_has_every_listed_function_and_documents_it():
    tree = xml.parse(os.path.join(BUILD, "Pinwheel-1.0.gir"))
    seen, bare = set(), []
    for kind in ("function", "method", "constructor"):
        for node in tree.iter(GI + kind):
            name = node.get(C + "identifier")
            seen.add(name)
            returned = node.find(GI + "return-value")
            if node.find(GI + "doc") is None and (returned is None or returned.find(GI + "doc") is None):
                bare.append(name)
    types = {node.get("{http://www.gtk.org/introspection/glib/1.0}get-type") for node in tree.iter()}
    assert not set(listed()) - seen - types, sorted(set(listed()) - seen - types)
    assert not bare, bare


def undocumented(node, path):
    """Names of what has no words of its own. A class struct has those of its class and of its virtual
    methods, a macro that casts has its name, and what the scanner reads of a function that is a field
    stays in the header."""
    kind, name = node.tag.split("}")[1], node.get("name")
    path = path + [name] if name else path
    returned = node.find(GI + "return-value")
    documented = node.find(GI + "doc") is not None or (
        kind == "virtual-method" and returned is not None and returned.find(GI + "doc") is not None)
    casts = kind == "function-macro" and [p.get("name") for p in node.iter(GI + "parameter")] in (["o"], ["k"])
    if casts or node.get(GLIB + "is-gtype-struct-for") or (kind == "field" and node.find(GI + "callback") is not None) \
            or (kind == "function-macro" and name.endswith("_")):
        return
    if kind in ("class", "record", "union", "enumeration", "bitfield", "member", "constant", "property",
                "virtual-method", "callback", "function-macro", "parameter", "field") \
            and not (documented or name == "parent_instance"):
        yield kind + " " + ".".join(path)
    if node.tag == GLIB + "signal" and not documented:
        yield "signal " + ".".join(path)
    if kind == "return-value" and not documented:
        of = node.find(GI + "type")
        if of is None or of.get("name") not in ("none", "gboolean"):
            yield "what returns from " + ".".join(path)
    for child in node:
        yield from undocumented(child, path)


@test
def everything_else_in_the_gir_is_documented_too():
    tree = xml.parse(os.path.join(BUILD, "Pinwheel-1.0.gir"))
    bare = list(undocumented(tree.getroot().find(GI + "namespace"), []))
    assert not bare, "\n".join(bare)
    words = sum(1 for _ in tree.iter(GI + "doc"))
    assert words > 1000, words


main()
