# SPDX-License-Identifier: LGPL-2.1-or-later
"""What threads do together in random kernels: barriers, shared memory, shuffles and votes.

Nothing of it is left open by CUDA C. All lanes that a mask names come to the same call, or have
returned; a shuffle reads no lane but one that is named and there; and where warps go their own ways
there are no barriers of the block."""

EVERYBODY = ["0xffffffff", "0xffffffffu", "-1", "~0u", "every", "every", "EVERYBODY", "ALL_LANES",
             "0xFFFFFFFF", "all_of_them"]
SHUFFLED = {"short": "int", "unsigned char": "int", "bool": "int", "real_t": "double",
            "word_t": "unsigned"}  # what comes out where it is another type
SHUFFLES = ["__shfl_down_sync", "__shfl_up_sync", "__shfl_xor_sync", "__shfl_sync"]


class Variable:
    def __init__(self, name, kind, writable=True, length=0, form="scalar"):
        self.name, self.kind, self.writable = name, kind, writable
        self.length, self.form = length, form  # scalar, array, struct, pointer


class Part:
    """Lanes that exchange among each other: a group of @width from @first on, those of one parity, or
    the lowest, as all behind them have returned"""

    def __init__(self, form, mask, first=0, width=32):
        self.form, self.mask, self.first, self.width = form, mask, first, width


class Together:
    """A part of Generator: statements for all threads of a block, or of a warp"""

    part = None  # the lanes that are here, where not all of the warp are
    warps_alone = 0  # whether warps go their own ways

    def uniform(self):
        """An expression of type int with one value for the whole block"""
        return self.pick(["%d" % (1 + self.below(4)), "n % 4", "(int) (blockIdx.x & 3)",
                          "a[n % 7] & 3", "a[blockIdx.x] & 3", "meeting & 3"])

    # --- shared memory ---

    def exchange(self):
        kind, array = self.pick([("float", "shared_f"), ("int", "shared_i")])
        name = self.new_name()
        shift = 1 + self.below(self.size)
        self.say("__syncthreads ();")
        self.say("%s[tid] = %s;" % (array, self.expression(kind, 3)))
        self.say("__syncthreads ();")
        self.say("%s %s = %s[(tid + %d) %% %d];" % (kind, name, array, shift, self.size))
        self.declare(name, kind)
        if kind == "int" and self.chance(40):
            self.say("meeting = %s[%d];" % (array, self.below(self.size)))

    def combine(self, kind, one, other):
        """What two values are together. Whole numbers do not overflow."""
        if kind in ("int", "long long"):
            return self.pick(["%s ^ %s", "%s | %s", "%s & %s", "min (%s, %s)", "max (%s, %s)"]) % (
                one, other)
        return self.pick(["%s + %s", "%s + %s", "%s * %s"] + (["%s - %s", "%s ^ %s"] if kind[0] == "u"
                                                             else ["%s + 0.5f * %s"])) % (one, other)

    def tree(self):
        """Sums, or the like, of a shared array or of its rows and columns"""
        kind = self.pick(["float", "unsigned", "double", "int"])
        x, y = self.block[0], self.size // self.block[0]
        array = {"float": "shared_f", "int": "shared_i", "unsigned": "shared_u",
                 "double": "shared_d"}[kind]
        place, number, length = array + "[%s]", "tid", self.size
        if y > 1 and kind in ("float", "double") and self.chance(70):
            row = "threadIdx.y + %s * threadIdx.z" % self.pick(["blockDim.y", str(self.block[1])])
            if self.chance(50):
                place, number, length = "tile_%s[%s][%%s]" % (kind[0], row), "threadIdx.x", x
            else:
                place, number, length = "tile_%s[%%s][threadIdx.x]" % kind[0], "(%s)" % row, y
        elif y == 1:
            number = self.pick(["tid", "threadIdx.x", "tx"])
        if length == 1:
            self.exchange()
            return
        self.say("__syncthreads ();")
        self.say("%s = %s;" % (place % number, self.expression(kind, 2)))
        self.say("__syncthreads ();")
        half, top = self.new_name("k"), 1
        while top * 2 < length:
            top *= 2
        here, there = place % number, place % ("%s + %s" % (number, half))
        form = self.below(4)
        word = self.pick(["int", "int", "unsigned"])
        if form < 2:
            least = self.pick([0, 0, 0, 1, 4, 16])
            first = str(top)
            if y == 1 and top * 2 == length:
                first = self.pick([first, "blockDim.x / 2", "blockDim.x >> 1"])
            self.say("for (%s %s = %s; %s > %d; %s)" % (
                word, half, first, half, least, self.pick(["%s >>= 1", "%s /= 2"]) % half))
            asks = "%s < %s" % (number, half)
        else:
            self.say("for (%s %s = 1; %s < %d; %s)" % (word, half, half, length,
                                                     self.pick(["%s *= 2", "%s <<= 1"]) % half))
            asks = "%s %% (2 * %s) == 0" % (number, half)
        if length & (length - 1):
            asks += " && %s + %s < %d" % (number, half, length)
        self.say("{")
        if form == 3:  # every thread's sum with those before it
            other = self.new_name("o")
            self.say("  %s %s = %s >= %s ? %s : 0;" % (
                kind, other, "(int) %s" % number, "(int) %s" % half,
                place % ("%s - %s" % (number, half))))
            self.say("  __syncthreads ();")
            self.say("  %s = %s;" % (here, self.combine(kind, here, other)))
        else:
            self.say("  if (%s)" % asks)
            if kind in ("int", "unsigned") or self.chance(30):
                self.say("    %s = %s;" % (here, self.combine(kind, here, there)))
            else:
                self.say("    %s += %s;" % (here, there))
        self.say("  __syncthreads ();")
        self.say("}")
        name = self.new_name()
        self.say("%s %s = %s;" % (kind, name, place % self.pick([
            "0", number, "(%s + %d) %% %d" % (number, self.below(length), length)])))
        self.declare(name, kind)

    def count(self):
        self.say("__syncthreads ();")
        self.say("counter = 0;")
        self.say("__syncthreads ();")
        self.say("if (%s)" % self.condition(2))
        self.say("  atomicAdd (&counter, %s);" % self.expression("unsigned", 1))
        self.say("__syncthreads ();")
        name = self.new_name()
        self.say("unsigned %s = counter;" % name)
        self.declare(name, "unsigned")

    def vote_of_block(self):
        name = self.new_name("r")
        function = self.pick(["count", "and", "or"])
        asked = self.answer()
        self.say("int %s = __syncthreads_%s (%s);" % (name, function, asked))
        self.declare(name, "int")

    # --- warps ---

    def answer(self):
        """Something to vote about, in a variable, as a vote itself may not hold `&&`"""
        if self.chance(10):
            return self.condition(1)
        name = self.new_name("c")
        kind = self.pick(["bool", "int"])
        self.say("const %s %s = %s;" % (kind, name, self.condition(2)))
        self.declare(name, kind, writable=False)
        return name

    def mask(self):
        return self.part.mask if self.part and self.part.mask else self.pick(EVERYBODY)

    def operand(self, kinds=None):
        """(text, type) of what is shuffled: mostly a variable"""
        scalars = [v for v in self.visible() if v.form == "scalar"
                   and (kinds is None or SHUFFLED.get(v.kind, v.kind) in kinds)]
        if scalars and self.chance(75):
            variable = self.pick(scalars)
            return variable.name, SHUFFLED.get(variable.kind, variable.kind)
        kind = self.pick(kinds or ["int", "unsigned", "float", "double", "long long",
                                   "unsigned long long", "real_t", "word_t", "short", "bool"])
        known = SHUFFLED.get(kind, kind)
        if self.chance(10):
            return self.expression(known, 1), known
        name = self.new_name()
        self.say("%s %s = %s;" % (kind, name, self.expression(known, 2, (name,))))
        self.declare(name, known if kind.endswith("_t") else kind)
        return name, known

    def number(self, value):
        return self.pick(["%d", "%d", "%d", "%du", "0x%x"]) % value

    def shuffle_call(self, value, name=None, distance=None):
        """@name, @distance: where they are given already. A ladder's distance is below the width."""
        part, function = self.part, name or self.pick(SHUFFLES)
        width = ""
        by = self.pick([1, 2, 4, 8, 16, self.below(32)])
        if part is None:
            if self.chance(35) and distance is None:
                width = self.pick([", 32", ", 32", ", warpSize", ", 16", ", 8", ", 4", ", 2",
                                   ", warpSize / 2", ", warpSize >> 1", ", 0x20", ", 32u"])
            elif self.chance(20):
                width = self.pick([", 32", ", warpSize"])
            if distance is None and self.chance(15):
                distance = "(%s) & 31" % self.expression("int", 1)
                if "?" in distance or "&&" in distance or "||" in distance:
                    distance = "lane * 3 & 31"
            elif distance is None and self.chance(4):
                by += 32
        elif part.form == "group":
            least = 1 if distance is None else part.width
            wide = part.width
            while wide > least and self.chance(30):
                wide //= 2
            width = "" if wide == 32 else ", %d" % wide
            by %= wide
        elif part.form == "parity":
            by = by & ~1
            if function == "__shfl_sync":
                by |= part.first
        else:
            function = name if name == "__shfl_up_sync" else self.pick(["__shfl_up_sync", "__shfl_sync"])
            if function == "__shfl_sync":
                by %= part.width
        return "%s (%s, %s, %s%s)" % (function, self.mask(), value, distance or self.number(by), width)

    def shuffle(self):
        value, kind = self.operand()
        text = self.shuffle_call(value)
        form = self.below(10)
        if form < 3:
            name = self.new_name("r")
            self.say("%s%s %s = %s;" % (self.pick(["", "", "const "]), kind, name, text))
            self.declare(name, kind, writable=False)
        elif form < 6:
            other, also = self.operand()
            target = self.target()
            if target is None or (target[2].form == "pointer"):
                return
            kind_here = target[1] if target[1] in ("unsigned", "unsigned long long", "float", "double") \
                else None
            one = self.convert(text, kind, target[1])
            if kind_here and form == 3:
                self.say("%s %s %s;" % (target[0], self.pick(["+=", "-=", "*="]), one))
            elif kind_here and form == 4:
                two = self.convert(self.shuffle_call(other), also, target[1])
                self.say("%s = %s;" % (target[0], self.combine(kind_here, one, two)))
            else:
                self.say("%s = %s;" % (target[0], one))
        elif form < 7:
            name = {"float": "out_f", "double": "out_d"}.get(kind, "out_i")
            self.say("%s[i * 3 + %d] = %s;" % (name, self.below(3), self.convert(
                text, kind, {"out_i": "int"}.get(name, kind))))
        else:
            # what it gives to a variable of its own type, of which it may be made
            own = [v for v in self.visible() if v.form == "scalar" and v.writable and v.kind == kind]
            if not own:
                return
            self.say("%s = %s;" % (self.pick(own).name, text))

    def vote(self):
        if not self.part and not self.warps_alone and self.chance(25):
            self.vote_of_block()
            return
        asked = self.answer()
        name = self.new_name("r")
        function = self.pick(["ballot", "any", "all"])
        kind = "unsigned" if function == "ballot" else "int"
        call = "__%s_sync (%s, %s)" % (function, self.mask(), asked)
        if function == "ballot" and self.chance(30):
            call = "__popc (%s)" % call
        self.say("%s %s = %s;" % (kind, name, call))
        self.declare(name, kind, writable=False)

    def rungs(self, name, top):
        """Head of a loop from one distance to the next"""
        kind = self.pick(["int", "int", "int", "unsigned", "short", "unsigned char", "long long",
                          "size_t"])
        first = [str(top)] + (["warpSize / 2", "warpSize >> 1"] if top == 16 else [])
        form = self.below(10)
        if form < 6:
            head = "%s = %s; %s; %s" % (name, self.pick(first), self.pick(
                ["%s > 0", "%s > 0", "%s >= 1", "%s != 0"]) % name, self.pick(
                    ["%s >>= 1", "%s /= 2"]) % name)
        elif form < 9:
            head = "%s = 1; %s; %s" % (name, self.pick(["%s < %d" % (name, top * 2),
                                                      "%s <= %d" % (name, top)]),
                                       self.pick(["%s <<= 1", "%s *= 2"]) % name)
        else:
            head = "%s = %d; %s > 0; %s -= 3" % (name, max(top - 1, 1) // 3 * 3 or 3, name, name)
            kind = "int"
        if self.chance(15):
            self.say("#pragma unroll")
        self.say("for (%s %s)" % (kind, head))
        return kind

    def ladder(self, level=1):
        """A reduction or a scan over the lanes of a warp"""
        if self.part and self.part.form == "parity":
            self.shuffle()
            return
        acc, kind = self.new_name("r"), self.pick(["int", "unsigned", "float", "float", "double",
                                                   "long long"])
        self.say("%s %s = %s;" % (kind, acc, self.expression(kind, 2)))
        rung = self.new_name("k")
        lowest = self.part is not None and self.part.form == "low"
        name = "__shfl_up_sync" if lowest else self.pick(SHUFFLES[:3])
        top = 16 if self.part is None or lowest else self.part.width // 2
        if top < 2:
            return
        rung_kind = self.rungs(rung, top)
        outside = self.turns
        self.turns *= 5

        def body():
            if rung_kind != "size_t":
                self.declare(rung, rung_kind, writable=False)
            self.declare(acc, kind)
            call = self.shuffle_call(acc, name, rung)
            form = self.below(8)
            if self.chance(12) and not self.part:
                self.say("if (%s == %d) %s;" % (rung, self.pick([1, 4, 8]),
                                                self.pick(["continue", "continue", "break"])))
            if self.chance(15):
                self.statements(1, 2)
            if form < 3:
                self.say("%s = %s;" % (acc, self.combine(kind, acc, call)))
            elif form < 5:
                other = self.new_name("o")
                self.say("%s %s = %s;" % (kind, other, call))
                self.say("if (%s)" % self.pick(["lane >= %s", "(lane & %s) == 0", "tid > %s"]) % rung)
                self.say("  %s = %s;" % (acc, self.combine(kind, acc, other)))
            elif form == 5:
                other, at = self.new_name("o"), self.new_name("o")
                self.say("%s %s = %s;" % (kind, other, call))
                self.say("const int %s = %s;" % (at, self.shuffle_call("lane", name, rung)))
                self.say("if (%s > %s || (%s == %s && %s < lane))" % (other, acc, other, acc, at))
                self.say("  %s = %s;" % (acc, other))
            elif form == 6:
                second = self.shuffle_call(acc, name, rung) if self.part else self.shuffle_call(acc)
                self.say("%s = %s;" % (acc, self.combine(kind, "(%s)" % call, "(%s)" % second)))
            else:
                self.say("%s = %s;" % (acc, self.combine(kind, acc, call)))
                if level > 0:
                    self.warp_statements(0, 2)
        self.scope(body)
        self.turns = outside
        self.declare(acc, kind)

    def first_lane(self):
        """What one lane of each warp does, or few"""
        asks = ["threadIdx.x % 32 == 0", "(threadIdx.x & 31) == 0", "lane == 0", "tid % 32 == 0",
                "threadIdx.x % warpSize == 0", "((tid & 31)) == 0", "!lane", "(lane) == 0",
                "(tx % warpSize) == 0", "tx % 32u == 0", "lane < 3", "lane == 31", "tid == 0",
                "threadIdx.x == 0", "tx < 5", "tx & 31 == 0", "threadIdx.x & 31 == 0", "tx & 1"]
        asked, form = self.pick(asks), self.below(5)
        is_first = asked in ("lane == 0", "!lane", "(lane) == 0", "tid % 32 == 0", "((tid & 31)) == 0")
        if self.warps_alone or self.part or not is_first:
            form = 2 + form % 3
        if form < 2:
            self.say("__syncthreads ();")
        self.say("if (%s)" % asked)

        def body():
            if form < 2:
                self.say("sums[warp] = %s;" % self.expression("float", 2))
            elif form == 2:
                self.store()
            elif form == 3:
                self.atomic()
            else:
                self.statements(0, 2)
        self.scope(body)

    def sums(self):
        """The sum of a block: of each warp, then of these"""
        name, kind = self.new_name(), "float"
        value, _kind = self.operand(["float"])
        self.say("__syncthreads ();")
        text = self.new_name("r")
        self.say("%s %s = %s;" % (kind, text, value))
        off = self.new_name("k")
        self.rungs(off, 16)
        self.say("  %s += %s;" % (text, self.shuffle_call(text, self.pick(SHUFFLES[:3]), off)))
        self.say("if (%s)" % self.pick(["lane == 0", "tid % 32 == 0", "!lane"]))
        self.say("  sums[%s] = %s;" % (self.pick(["warp", "tid / 32", "tid >> 5"]), text))
        self.say("__syncthreads ();")
        n_warps = self.size // 32
        if self.chance(60):
            self.say("if (%s)" % self.pick(["warp == 0", "tid < 32"]))
            self.say("{")
            self.say("  %s = lane < %d ? sums[lane] : 0.0f;" % (text, n_warps))
            off = self.new_name("k")
            self.depth += 1
            self.rungs(off, 16)
            self.say("  %s += %s;" % (text, self.shuffle_call(text, self.pick(SHUFFLES[:3]), off)))
            if self.chance(50):
                self.say("if (%s)" % self.pick(["lane == 0", "tid == 0"]))
                self.say("  total = %s;" % text)
            self.depth -= 1
            self.say("}")
            self.say("__syncthreads ();")
            self.say("%s %s = total;" % (kind, name))
        else:
            self.say("%s %s = sums[(warp + 1) %% %d];" % (kind, name, n_warps))
        self.declare(name, kind)

    def warp_uniform(self):
        """A condition that all lanes of a warp answer alike"""
        return self.pick(["warp == 0", "warp & 1", "warp > 0", "tid < 32", "tid >= 32", "n & 1",
                          "a[warp %% %d] > 0" % 97, "a[(i >> 5) %% %d] > 10" % 97, "i < n - n % 32"])

    def inside(self, part, statements):
        """@statements, where other warps or lanes may not be"""
        outside, self.part = self.part, part
        self.warps_alone += 1
        self.scope(statements)
        self.warps_alone -= 1
        self.part = outside

    def warp_branch(self, level):
        form = self.below(6)
        if self.part or form < 2:
            asked = self.warp_uniform()
            if self.part and "i <" in asked:
                asked = "n & 1"
            self.say("if (%s)" % asked)
            self.inside(self.part, lambda: self.warp_statements(level - 1, 3))
            if self.chance(40):
                self.say("else")
                self.inside(self.part, lambda: self.warp_statements(level - 1, 2))
        elif form == 2:
            self.say("if (%s)" % self.pick(["lane < 16", "(lane & 16) == 0", "lane / 16 == 0"]))
            self.inside(Part("group", "0x0000ffffu", 0, 16), lambda: self.warp_statements(0, 3))
            if self.chance(60):
                self.say("else")
                self.inside(Part("group", "0xffff0000", 16, 16), lambda: self.warp_statements(0, 3))
        elif form == 3:
            width = self.pick([2, 4, 8])
            first = self.below(32 // width) * width
            self.say("if (lane / %d == %d)" % (width, first // width))
            self.inside(Part("group", "0x%xu" % (((1 << width) - 1) << first), first, width),
                        lambda: self.warp_statements(0, 3))
        elif form == 4:
            self.say("if (%s)" % self.pick(["lane & 1", "lane % 2 == 1", "tid % 2 != 0"]))
            self.inside(Part("parity", "0xaaaaaaaau", 1), lambda: self.warp_statements(0, 3))
            if self.chance(60):
                self.say("else")
                self.inside(Part("parity", "0x55555555", 0), lambda: self.warp_statements(0, 3))
        else:
            # side by side, each group with a mask of its own
            width = self.pick([4, 8, 16])
            name = self.new_name("m")
            self.say("const unsigned %s = 0x%xu << (lane & %d);" % (name, (1 << width) - 1, 32 - width))
            self.inside(Part("group", name, 0, width), lambda: self.warp_statements(0, 3))

    def elected(self):
        """Lanes find out who is here; the first of them speaks."""
        asked = self.answer()
        name, value = self.new_name("m"), self.operand()
        result = self.new_name("r")
        self.say("%s %s = %s;" % (value[1], result, self.literal(value[1])))
        self.declare(result, value[1])
        self.say("const unsigned %s = __ballot_sync (%s, %s);" % (name, self.mask(), asked))
        self.say("if (%s)" % asked)
        self.say("{")
        self.say("  %s = __shfl_sync (%s, %s, __ffs (%s) - 1);" % (result, name, value[0], name))
        if self.chance(50):
            self.say("  if (lane == __ffs ((int) %s) - 1)" % name)
            self.say("    atomicAdd (&acc[0], (unsigned) __popc (%s));" % name)
        self.say("}")

    def leaving_loop(self):
        """Lanes leave a loop one by one; those that stay know of each other."""
        here, stays, k = self.new_name("m"), self.new_name("c"), self.new_name("k")
        value = self.new_name("r")
        self.say("unsigned %s = 0xffffffffu;" % here)
        self.say("unsigned %s = %s;" % (value, self.expression("unsigned", 2, (value,))))
        self.say("for (int %s = 0; %s < %d; %s++)" % (k, k, 2 + self.below(3), k))
        self.say("{")
        self.say("  const int %s = (%s >> %s & 1) != 0;" % (stays, value, k))
        self.say("  %s = __ballot_sync (%s, %s);" % (here, here, stays))
        self.say("  if (!%s)" % stays)
        self.say("    break;")
        self.say("  %s = %s * 3u + __shfl_sync (%s, %s, __ffs ((int) %s) - 1);" % (
            value, value, here, value, here))
        self.say("  %s += __popc (%s);" % (value, here))
        self.say("}")
        self.declare(value, "unsigned")

    def warp_loop(self, level):
        if self.turns > 50:
            self.shuffle()
            return
        counter, turns = self.new_name("k"), self.turns
        self.say("for (int %s = 0; %s < %s; %s++)" % (counter, counter, self.pick(
            ["warp % 3", "(warp + 1) % 4", "a[warp % 7] & 3", "3", "n % 4",
             "(int) (blockIdx.x + warp) & 3"]), counter))
        self.turns *= 4

        def body():
            self.declare(counter, "int", writable=False)
            self.warp_statements(level - 1, 3)
            if self.chance(30):
                asked, more = self.answer(), self.new_name("c")
                self.say("const int %s = __%s_sync (%s, %s);" % (more, self.pick(["any", "all"]),
                                                               self.mask(), asked))
                self.say("if (%s%s)" % (self.pick(["", "!"]), more))
                self.say("  %s;" % self.pick(["break", "continue"]))
        self.inside(self.part, body)
        self.turns = turns

    def warp_statements(self, level, most):
        """Within a warp: no barriers of the block"""
        for _ in range(1 + self.below(most)):
            form = self.below(20)
            if form < 6:
                self.shuffle()
            elif form < 9:
                self.ladder(level)
            elif form < 11 and level > 0:
                self.warp_branch(level)
            elif form < 13 and level > 0:
                self.warp_loop(level)
            elif form < 14:
                self.vote()
            elif form < 15 and not self.part:
                self.elected()
            elif form < 16 and not self.part:
                self.leaving_loop()
            elif form < 17:
                self.first_lane()
            else:
                self.statements(1, 2)

    # --- the block ---

    def meeting_statements(self, level, most):
        for _ in range(1 + self.below(most)):
            form = self.below(13)
            if form < 1:
                self.exchange()
            elif form < 2:
                self.tree()
            elif form < 3:
                self.count()
            elif form < 4 and self.mode != "warp":
                self.vote_of_block()
            elif form < 6 and self.mode == "warp":
                self.warp_statements(level, 4)
            elif form < 7 and self.mode == "warp" and not self.part:
                self.sums()
            elif form < 8 and level > 0:
                self.meeting_loop(level)
            elif form < 9 and level > 0:
                self.say("if (%s)" % self.pick(["meeting & 1", "n & 1", "blockIdx.x == 1",
                                                "n > 100"]))
                self.scope(lambda: self.meeting_statements(level - 1, 2))
                if self.chance(40):
                    self.say("else")
                    self.scope(lambda: self.meeting_statements(level - 1, 2))
            elif form < 10 and self.mode == "warp":
                self.first_lane()
            elif form < 11 and self.chance(20):
                self.say(self.pick(["__syncthreads ();", "__syncwarp ();"])
                         if self.mode == "warp" and not self.part else "__syncthreads ();")
            else:
                self.statements(2, 2)

    def meeting_loop(self, level):
        counter = self.new_name("k")
        turns = self.turns
        self.say("for (int %s = 0, end = %s; %s < end; %s++)" % (counter, self.uniform(), counter,
                                                               counter)
                 if self.chance(15) else
                 "for (int %s = 0; %s < %s; %s++)" % (
                     counter, counter, self.pick(["2", "3", "n % 4", "(int) (blockIdx.x & 3)"]),
                     counter))
        self.turns *= 4

        def body():
            self.declare(counter, "int", writable=False)
            self.meeting_statements(level - 1, 3)
            if self.chance(25):
                self.say("if (%s)" % self.pick(["%s == 1" % counter, "meeting > 3", "n == 50"]))
                self.say("  %s;" % self.pick(["break", "continue"]))
        self.scope(body)
        self.turns = turns

    def set_up_meeting(self):
        """What is shared, and has a value before any thread returns"""
        x, y = self.block[0], self.size // self.block[0]
        for kind, letter in (("float", "f"), ("int", "i"), ("unsigned", "u"), ("double", "d")):
            self.say("__shared__ %s shared_%s[%d];" % (kind, letter, self.size))
        for kind in ("float", "double") if y > 1 else ():
            self.say("__shared__ %s tile_%s[%d][%d];" % (kind, kind[0], y, x))
        self.say("__shared__ float sums[32], total;")
        self.say("__shared__ unsigned counter;")
        self.say("int meeting = n;")
        self.say("const int tx = threadIdx.x;")
        self.say("shared_f[tid] = x[i %% %d];" % 97)
        self.say("shared_i[tid] = a[i %% %d];" % 97)
        self.say("shared_u[tid] = (unsigned) tid * 77u;")
        self.say("shared_d[tid] = w[i %% %d];" % 97)
        for kind in ("float", "double") if y > 1 else ():
            self.say("tile_%s[tid / %d][tx] = tid;" % (kind[0], x))
        self.say("if (tid == 0)")
        self.say("  total = 0.5f, counter = 0;")
        self.say("for (int s = tid; s < 32; s += %d)" % self.size)
        self.say("  sums[s] = s;")
        self.say("__syncthreads ();")
        if self.mode == "warp":
            self.set_up_warps()

    def set_up_warps(self):
        lanes = ["tid & 31", "tid % 32", "tid % warpSize"]
        if self.block[0] % 32 == 0:
            lanes += ["threadIdx.x & 31", "threadIdx.x % 32", "threadIdx.x % warpSize", "tx & 31",
                      "tx & 0x1f"]
        self.say("const int lane = %s;" % self.pick(lanes))
        self.say("const int warp = %s;" % self.pick(["tid / 32", "tid >> 5", "tid / warpSize"]))
        self.say("const unsigned every = %s;" % self.pick(["0xffffffffu", "-1", "~0u", "0xffffffff"]))
        self.say("unsigned all_of_them = 0xffffffffu;")
        self.scopes[0] += [Variable("lane", "int", False), Variable("warp", "int", False)]
        form = self.below(10)
        if form < 2:
            self.say("if (%s)" % self.pick(["warp == 1", "a[(i >> 5) % 97] > 30", "tid >= 64",
                                            "warp > n"]))
            self.say("  return;")
        elif form == 2:
            last = 1 + self.below(30)
            self.say("if (lane > %d)" % last)
            self.say("  return;")
            self.part = Part("low", None, 0, last + 1)
