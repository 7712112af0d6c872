# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random kernels without undefined behaviour: every thread's result is one and the same on whatever
runs them, bit for bit but for the sign and payload of a NaN.

All have the parameters of PARAMETERS: a, x and w are read; out_i, out_f and out_d hold SLOTS values for
each thread, acc what atomics change. Whole numbers overflow only as unsigned ones, reals become whole
numbers only within a range, every loop has a counter that nothing else changes, and a thread reads of
shared memory what others wrote only with a barrier on either side."""
import random

from generate_together import Together, Variable

N = 97  # elements of a, x and w
SLOTS = 3
ACCUMULATORS = 8
PARAMETERS = ("const int *a, const float *x, const double *w, int *out_i, float *out_f, "
              "double *out_d, unsigned *acc, int n")
BLOCKS = [(64, 1, 1), (96, 1, 1), (33, 1, 1), (7, 1, 1), (128, 1, 1), (16, 4, 2), (5, 3, 1),
          (200, 1, 1), (1, 1, 1), (32, 1, 1)]
WARPS = [(32, 1, 1), (64, 1, 1), (96, 1, 1), (128, 1, 1), (160, 1, 1), (256, 1, 1), (32, 2, 1),
         (64, 3, 1), (32, 2, 2), (16, 4, 2), (48, 2, 1), (8, 8, 1), (320, 1, 1), (512, 1, 1),
         (1024, 1, 1)]
WHOLE = ["int", "unsigned", "long long", "unsigned long long", "short", "unsigned char", "bool"]
REAL = ["float", "double"]
COMMON = ["int", "int", "unsigned", "float", "float", "double"]

PROLOGUE = """\
#define CLAMP(v) ((int) fmin (fmax ((double) (v), -100000.0), 100000.0))
#define EVERYBODY 0xffffffff
constexpr unsigned ALL_LANES = 0xffffffffu;
typedef double real_t;
typedef unsigned word_t;
__constant__ int constants[8] = { 3, -1, 4, 1, -5, 9, 2, -6 };
struct point { float u; int v; double w; };
"""


class Generator(Together):
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines, self.depth, self.n_names, self.budget = [], 1, 0, 0
        self.scopes = [[]]
        self.functions = []
        self.may_return = self.returns = None
        self.in_loop = self.in_switch = self.in_function = False
        self.turns = 1  # how often what is written now may run
        self.angles = seed % 5 == 3  # has mathematics: its bits are not those of PTX
        self.mode = self.pick(["alone", "alone", "meet", "meet", "warp", "warp", "warp"])
        self.block = self.pick(WARPS if self.mode == "warp" else BLOCKS)
        self.size = self.block[0] * self.block[1] * self.block[2]

    # --- choices ---

    def pick(self, items):
        return items[self.random.randrange(len(items))]

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def below(self, n):
        return self.random.randrange(n)

    # --- names and text ---

    def say(self, text):
        self.lines.append("  " * self.depth + text)

    def new_name(self, prefix="v"):
        """A new name, or one of an outer scope, which it hides."""
        if prefix == "v" and len(self.scopes) > 2 and self.chance(2 if self.mode == "warp" else 8):
            here = {v.name for v in self.scopes[-1]}
            outer = [v.name for scope in self.scopes[1:-1] for v in scope if v.name not in here]
            if outer:
                return self.pick(outer)
        self.n_names += 1
        return "%s%d" % (prefix, self.n_names)

    def visible(self, exclude=()):
        found = {v.name: v for scope in self.scopes for v in scope}
        return [v for v in found.values() if v.name not in exclude]

    def declare(self, *arguments, **options):
        variable = Variable(*arguments, **options)
        self.scopes[-1].append(variable)
        return variable

    # --- expressions ---

    def literal(self, kind):
        if kind in REAL:
            number = self.pick(["0.5", "1.25", "-2.0", "3.0", "0.1", "-0.0", "1e3", "0.0078125",
                                "7.0", "1e-3"])
            return number + ("f" if kind == "float" else "")
        number = self.pick([0, 1, 2, 3, 5, 7, 8, 13, 31, 64, 100, 255, 1000, 65535, 0x7fffffff])
        return str(number) + {"unsigned": "u", "long long": "ll",
                              "unsigned long long": "ull"}.get(kind, "")

    def convert(self, text, source, kind):
        if source == kind:
            return text
        if source in REAL and kind not in REAL + ["bool"]:
            return "(%s) CLAMP (%s)" % (kind, text)
        return "(%s) (%s)" % (kind, text)

    def index(self, length, depth, exclude):
        if depth <= 0:
            names = [v for v in self.visible(exclude) if v.form == "scalar"]
            if names and self.chance(50):
                variable = self.pick(names)
                return "(%s) %% %du" % (self.convert(variable.name, variable.kind, "unsigned"),
                                        length)
            return str(self.below(length)) if self.in_function else "tid %% %du" % length
        if self.chance(35):
            return str(self.below(length))
        return "(%s) %% %du" % (self.expression("unsigned", depth - 1, exclude), length)

    def element(self, variable, depth, exclude):
        """Text and type of something in @variable."""
        if variable.form == "array":
            return ("%s[%s]" % (variable.name, self.index(variable.length, depth, exclude)),
                    variable.kind)
        if variable.form == "struct":
            field = self.pick([("u", "float"), ("v", "int"), ("w", "double")])
            return "%s.%s" % (variable.name, field[0]), field[1]
        if variable.form == "pointer":
            return "*%s" % variable.name, variable.kind
        return variable.name, variable.kind

    def leaf(self, kind, exclude):
        variables = self.visible(exclude)
        if variables and self.chance(65):
            return self.convert(*self.element(self.pick(variables), 0, exclude), kind)
        if self.chance(45):
            return self.literal(kind)
        places = [("constants[%s]", "int", 8)]
        if not self.in_function:
            places += [("a[%s]", "int", N), ("x[%s]", "float", N), ("w[%s]", "double", N),
                       ("threadIdx.x", "unsigned", 0), ("blockIdx.x", "unsigned", 0),
                       ("i", "int", 0), ("tid", "int", 0), ("n", "int", 0)]
        text, source, length = self.pick(places)
        return self.convert(text % self.index(length, 0, exclude) if length else text, source, kind)

    def condition(self, depth, exclude=()):
        kind = self.pick(["int", "unsigned", "float", "double", "long long"])
        one = self.expression(kind, depth - 1, exclude)
        form = self.below(8)
        if form == 0 and depth > 0:
            return "(%s) && (%s)" % (self.condition(depth - 1, exclude),
                                     self.condition(depth - 1, exclude))
        if form == 1 and depth > 0:
            return "(%s) || (%s)" % (self.condition(depth - 1, exclude),
                                     self.condition(depth - 1, exclude))
        if form == 2 and depth > 0:
            return "!(%s)" % self.condition(depth - 1, exclude)
        if form == 3:
            return "(%s) & %d" % (self.expression("int", depth - 1, exclude), 1 << self.below(4))
        two = self.expression(kind, depth - 1, exclude)
        if one == two:  # NVRTC takes x <= x for true whatever x is
            two = self.literal(kind)
        return "(%s) %s (%s)" % (one, self.pick(["<", ">", "<=", ">=", "==", "!="]), two)

    def whole(self, kind, depth, exclude):
        wide = "long" in kind
        unsigned = "unsigned long long" if wide else "unsigned"
        one, two = (self.expression(unsigned, depth - 1, exclude) for _ in range(2))
        form = self.below(9)
        if form < 4:
            text = "(%s) %s (%s)" % (one, self.pick(["+", "-", "*", "&", "|", "^"]), two)
        elif form == 4:
            text = "(%s) %s ((%s) & %d)" % (one, self.pick(["<<", ">>"]), two, 63 if wide else 31)
        elif form == 5:
            signed = "long long" if wide else "int"
            return "(%s) ((%s) %s (((%s) & 15) + 1))" % (
                kind, self.expression(signed, depth - 1, exclude), self.pick(["/", "%"]),
                self.expression(signed, depth - 1, exclude))
        elif form == 6:
            signed = "long long" if wide else "int"
            return "(%s) %s (%s, %s)" % (kind, self.pick(["min", "max"]),
                                         self.expression(signed, depth - 1, exclude),
                                         self.expression(signed, depth - 1, exclude))
        elif form == 7:
            text = "%s(%s)" % (self.pick(["__popc ", "~", "__clz ((int) ", "__brev "]), one)
            text += ")" if text.startswith("__clz") else ""
            if wide and not text.startswith("~"):
                text = text.replace("(%s)" % one, "((unsigned) (%s))" % one)
        else:
            text = "(%s) >> %d" % (self.expression("long long" if wide else "int", depth - 1,
                                                   exclude), self.below(31))
        return "(%s) (%s)" % (kind, text)

    def real(self, kind, depth, exclude):
        f = "f" if kind == "float" else ""
        one, two = (self.expression(kind, depth - 1, exclude) for _ in range(2))
        form = self.below(8)
        if form < 5:
            return "(%s) %s (%s)" % (one, self.pick(["+", "-", "*", "*", "/"]), two)
        if form == 5:
            return "sqrt%s (fabs%s (%s))" % (f, f, one)
        if self.angles and kind == "double" and form == 6:
            return "%s ((%s) * %s)" % (self.pick(["sin", "cos", "tan"]), one,
                                       self.pick(["1.0", "1e3", "1e17"]))
        if form == 6:
            return "%s%s (%s)" % (self.pick(["floor", "ceil", "trunc", "rint", "fabs", "-"]),
                                  f, one)
        return "fma%s (%s, %s, %s)" % (f, one, two, self.expression(kind, depth - 1, exclude))

    def expression(self, kind, depth, exclude=()):
        if depth <= 0 or self.chance(20):
            return self.leaf(kind, exclude)
        form = self.below(12)
        if form == 0:
            return "(%s) ? (%s) : (%s)" % (self.condition(depth - 1, exclude),
                                           self.expression(kind, depth - 1, exclude),
                                           self.expression(kind, depth - 1, exclude))
        if form == 1:
            other = self.pick(WHOLE + REAL)
            return self.convert(self.expression(other, depth - 1, exclude), other, kind)
        if form == 2 and self.functions and not self.in_function:
            return self.call(kind, depth - 1, exclude)
        if kind in REAL:
            return self.real(kind, depth, exclude).replace("-f (", "-(")
        if kind == "bool":
            return self.condition(depth, exclude)
        return self.whole(kind, depth, exclude)

    def call(self, kind, depth, exclude):
        """A call of a function that takes values alone"""
        functions = [f for f in self.functions if not f[2]]
        if not functions:
            return self.leaf(kind, exclude)
        name, result, _by, parameters = self.pick(functions)
        values = [self.expression(p, depth, exclude) for p in parameters]
        return self.convert("%s (%s)" % (name, ", ".join(values)), result, kind)

    # --- statements for threads by themselves ---

    def target(self, exclude=()):
        """(text, type, variable) of something that may be assigned, or None"""
        variables = [v for v in self.visible(exclude) if v.writable]
        if not variables:
            return None
        variable = self.pick(variables)
        return self.element(variable, 1, exclude) + (variable,)

    def assign(self):
        target = self.target()
        if target is None:
            return self.scalar()
        text, kind, variable = target
        form = self.below(10)
        if form < 3 or kind == "bool":
            self.say("%s = %s;" % (text, self.expression(kind, 3)))
        elif form < 6 and kind in ("unsigned", "unsigned long long"):
            self.say("%s %s %s;" % (text, self.pick(["+=", "-=", "*=", "^=", "|=", "&="]),
                                    self.expression(kind, 2)))
        elif form < 6 and kind in REAL:
            self.say("%s %s %s;" % (text, self.pick(["+=", "-=", "*=", "/="]),
                                    self.expression(kind, 2)))
        elif form == 6 and kind in ("unsigned", "unsigned char", "float", "double"):
            if text.startswith("*"):
                text = "(%s)" % text
            self.say(self.pick(["%s++;", "--%s;", "(%s)++;"]) % text)
        elif form == 7 and variable.form == "scalar" and kind == "unsigned":
            # a change within an expression; what it changes is not named again
            other = self.target((variable.name,))
            if other is None or other[2].form == "pointer":
                return None
            names = (variable.name, other[2].name)
            self.say("%s = (%s) (%s);" % (
                other[0], other[1], self.convert(
                    "%s%s + (%s)" % (text, self.pick(["++", "--"]),
                                     self.expression("unsigned", 2, names)), "unsigned", other[1])))
        elif form == 8 and variable.form == "scalar":
            others = [v for v in self.visible() if v.writable and v.form == "scalar"
                      and v.kind == kind and v.name != variable.name]
            if others:
                other = self.pick(others)
                self.say(self.pick(["(%s ? %s : %s) = %s;", "*((%s) ? &%s : &%s) = %s;"]) % (
                    "(%s)" % self.condition(1), text, other.name, self.expression(kind, 2)))
        elif form == 9 and variable.form == "scalar":
            self.say("%s = %s, %s = %s;" % (text, self.expression(kind, 1), text,
                                            self.expression(kind, 2)))
        else:
            self.say("%s = %s;" % (text, self.expression(kind, 2)))
        return None

    def scalar(self):
        kind, name = self.pick(COMMON + WHOLE), self.new_name()
        form = self.below(7)
        if form == 0:
            self.say("%s %s;" % (kind, name))
            self.say("if (%s)" % self.condition(2, (name,)))
            self.say("  %s = %s;" % (name, self.expression(kind, 2, (name,))))
            self.say("else")
            self.say("  %s = %s;" % (name, self.expression(kind, 2, (name,))))
        elif form == 1 and len(self.scopes) > 1:
            self.say("const %s %s = %s;" % (kind, name, self.expression(kind, 2, (name,))))
            self.declare(name, kind, writable=False)
            return
        elif form == 2:
            second = self.new_name("v")
            names = (name, second)
            if second == name:
                return
            self.say("%s %s = %s, %s = %s;" % (kind, name, self.expression(kind, 2, names), second,
                                               self.literal(kind)))
            self.declare(second, kind)
        else:
            self.say(self.pick(["%s %s = %s;", "%s %s = %s;", "%s %s (%s);"])
                     % (kind, name, self.expression(kind, 3, (name,))))
        self.declare(name, kind)

    def array(self):
        kind, name, length = self.pick(COMMON), self.new_name(), self.pick([2, 3, 4, 5, 8, 20])
        if length < 6:
            values = ", ".join(self.expression(kind, 1, (name,)) for _ in range(length))
            self.say("%s %s[%d] = { %s };" % (kind, name, length, values))
        else:
            counter = self.new_name("k")
            self.say("%s %s[%d];" % (kind, name, length))
            self.say("for (int %s = 0; %s < %d; %s++)" % (counter, counter, length, counter))
            self.say("  %s[%s] = %s;" % (name, counter, self.expression(kind, 2, (name,))))
        self.declare(name, kind, length=length, form="array")

    def struct(self):
        name = self.new_name()
        others = [v for v in self.visible((name,)) if v.form == "struct"]
        if others and self.chance(40):
            self.say("point %s = %s;" % (name, self.pick(others).name))
        else:
            self.say("point %s = { %s, %s, %s };" % (
                name, *(self.expression(kind, 2, (name,)) for kind in ("float", "int", "double"))))
        self.declare(name, "point", form="struct")

    def alias(self):
        """A reference or pointer to a variable, for the scope that it is in"""
        name = self.new_name("p")
        variables = [v for v in self.visible() if v.writable and v.form in ("scalar", "array")]
        if not variables:
            return
        variable = self.pick(variables)
        text, kind = self.element(variable, 1, ())
        if self.chance(50):
            self.say("%s &%s = %s;" % (kind, name, text))
            self.declare(name, kind)
        else:
            self.say("%s *%s = &%s;" % (kind, name, text))
            self.declare(name, kind, form="pointer")

    def function_call(self):
        """A call of a function that changes what it is given"""
        functions = [f for f in self.functions if f[2]]
        if not functions or self.in_function:
            return self.assign()
        name, _result, by, parameters = self.pick(functions)
        variables = [v for v in self.visible() if v.writable and v.kind == parameters[0]
                     and (v.form == "array" if by == "*" else v.form == "scalar")]
        if by == "*":
            variables = [v for v in variables if v.length >= 3]
        if not variables:
            return self.array() if by == "*" else self.scalar()
        variable = self.pick(variables)
        values = [self.expression(p, 2, (variable.name,)) for p in parameters[1:]]
        self.say("%s (%s);" % (name, ", ".join([variable.name, *values])))
        return None

    def store(self):
        if self.in_function:
            return self.assign()
        name, kind = self.pick([("out_i", "int"), ("out_f", "float"), ("out_d", "double")])
        self.say("%s[i * %d + %d] = %s;" % (name, SLOTS, self.below(SLOTS),
                                            self.expression(kind, 3)))
        return None

    def atomic(self):
        if self.in_function:
            return self.assign()
        place = self.below(ACCUMULATORS)  # one operation for each, so that order is all the same
        operation = ["Add", "Max", "Min", "And", "Or", "Xor", "Add", "Max"][place]
        self.say("atomic%s (&acc[%d], %s);" % (operation, place, self.expression("unsigned", 2)))
        return None

    def jump(self):
        jumps = (["break", "continue"] if self.in_loop and not self.in_switch
                 else ["continue"] if self.in_loop else [])
        if self.may_return:
            jumps.append(self.returns() if self.in_function else "return")
        if not jumps:
            return self.assign()
        self.say("if (%s)" % self.condition(2))
        self.say("  %s;" % self.pick(jumps))
        return None

    def scope(self, statements):
        self.say("{")
        self.depth += 1
        self.scopes.append([])
        statements()
        self.scopes.pop()
        self.depth -= 1
        self.say("}")

    def branch(self, level):
        self.say("if (%s)" % self.condition(2))
        self.scope(lambda: self.statements(level - 1, 3))
        if self.chance(25):
            self.say("else if (%s)" % self.condition(2))
            self.scope(lambda: self.statements(level - 1, 2))
        if self.chance(50):
            self.say("else")
            self.scope(lambda: self.statements(level - 1, 3))

    def bound(self):
        return self.pick(["%d" % (1 + self.below(6)), "(int) ((%s) & 7u)" % self.expression(
            "unsigned", 2), "(int) ((%s) %% 5u)" % self.expression("unsigned", 1),
            "n %% %d" % (2 + self.below(5)) if not self.in_function else "4"])

    def loop(self, level):
        if self.turns > 50:
            return self.assign()
        outside = self.in_loop, self.in_switch, self.turns
        counter = self.new_name("k")
        bound = self.bound()
        form = self.below(6)
        if form < 3:
            if self.chance(15):
                self.say("#pragma unroll")
            self.say(self.pick(["for (int %s = 0; %s < %s; %s++)", "for (int %s = 0; %s < %s; ++%s)",
                                "for (int %s = 0; %s < %s; %s += 2)"])
                     % (counter, counter, bound, counter))
        elif form == 3:
            self.say("for (int %s = %s; %s > 0; %s--)" % (counter, bound, counter, counter))
        elif form == 4:
            self.say("int %s = %s;" % (counter, bound))
            self.declare(counter, "int", writable=False)
            also = " && (%s)" % self.condition(1) if self.chance(30) else ""
            self.say("while (%s-- > 0%s)" % (counter, also))
        else:
            self.say("int %s = 0;" % counter)
            self.declare(counter, "int", writable=False)
            self.say("do")
        self.in_loop, self.in_switch, self.turns = True, False, self.turns * 4

        def body():
            if form < 4:
                self.declare(counter, "int", writable=False)
            self.statements(level - 1, 4)
        self.scope(body)
        self.in_loop, self.in_switch, self.turns = outside
        if form == 5:
            self.say("while (++%s < %d && (%s));" % (counter, 1 + self.below(6), self.condition(2)))
        return None

    def switch(self, level):
        outside = self.in_switch
        self.say("switch ((%s) %% 5u)" % self.expression("unsigned", 2))
        self.say("{")
        self.in_switch = True
        labels = ["case %d:" % k for k in range(4)] + ["default:"]
        self.random.shuffle(labels)
        for label in labels[:2 + self.below(4)]:
            self.say(label)
            if self.chance(80):
                self.scope(lambda: self.statements(level - 1, 2))
            if self.chance(70):
                self.say("break;")
        self.say(";")
        self.say("}")
        self.in_switch = outside

    def statements(self, level, most):
        for _ in range(1 + self.below(most)):
            self.budget -= 1
            form = self.below(100)
            if level > 0 and self.budget > 0 and form < 16:
                self.branch(level)
            elif level > 0 and self.budget > 0 and form < 34:
                self.loop(level)
            elif level > 0 and self.budget > 0 and form < 39:
                self.switch(level)
            elif form < 50:
                self.scalar()
            elif form < 54:
                self.array()
            elif form < 57:
                self.struct()
            elif form < 60:
                self.alias()
            elif form < 65:
                self.function_call()
            elif form < 70:
                self.store()
            elif form < 73:
                self.atomic()
            elif form < 81:
                self.jump()
            else:
                self.assign()

    # --- functions and kernels ---

    def function(self, number):
        by = self.pick(["", "", "&", "*"])
        result, name = self.pick(COMMON) if by == "" else "void", "function%d" % number
        parameters = [self.pick(COMMON) for _ in range(1 + self.below(3))]
        self.scopes = [[], []]
        words = []
        for k, kind in enumerate(parameters):
            mark = by if k == 0 else ""
            words.append("%s %sq%d" % (kind, mark, k))
            self.declare("q%d" % k, kind, length=3, form="array" if mark == "*" else "scalar")
        self.in_function, self.may_return, self.in_loop, self.in_switch = True, True, False, False
        self.returns = (lambda: "return " + self.expression(result, 1)) if not by else lambda: "return"
        self.budget, self.turns = 6, 4
        self.say_top("__device__ %s%s %s (%s)" % (self.pick(["", "", "__noinline__ ", "inline "]),
                                                  result, name, ", ".join(words)))
        self.say_top("{")
        self.statements(2, 5)
        if not by:
            self.say("return %s;" % self.expression(result, 2))
        self.say_top("}")
        self.functions.append((name, result, by, parameters))

    def say_top(self, text):
        self.lines.append(text)

    def kernel(self):
        self.scopes = [[], []]
        self.in_function = self.in_loop = self.in_switch = False
        self.budget, self.turns = 14, 1
        self.may_return = self.mode == "alone"
        self.say_top('extern "C" __global__ void k (%s)' % PARAMETERS)
        self.say_top("{")
        self.say("const int tid = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);")
        self.say("const int i = blockIdx.x * %d + tid;" % self.size)
        if self.mode != "alone":
            self.set_up_meeting()
        if self.chance(60) and self.mode != "warp":
            self.say("if (%s)" % self.pick(["i >= n", "a[i %% %d] > 40" % N]))
            self.say("  return;")
        for _ in range(2):
            self.scalar()
        if self.mode == "alone":
            self.statements(3, 8)
        else:
            self.meeting_statements(2, 6)
        for variable in self.visible():
            if variable.form in ("scalar", "array", "struct", "pointer") and self.chance(60):
                self.keep(variable)
        self.say_top("}")

    def keep(self, variable):
        """What became of it goes into an output."""
        text, kind = self.element(variable, 1, ())
        name = {"float": "out_f", "double": "out_d"}.get(kind, "out_i")
        place = "%s[i * %d + %d]" % (name, SLOTS, self.below(SLOTS))
        if name == "out_i":
            self.say("%s = (int) ((unsigned) %s * 31u + (unsigned) %s);" % (place, place, text))
        else:
            self.say("%s = %s * 0.5%s + %s;" % (place, place, "f" if kind == "float" else "", text))

    def source(self):
        for number in range(self.below(4)):
            self.function(number)
        self.kernel()
        return PROLOGUE + "\n".join(self.lines) + "\n"
