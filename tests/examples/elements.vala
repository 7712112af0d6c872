// SPDX-License-Identifier: LGPL-2.1-or-later
// Elements written in Vala: a transform and a sink, known to descriptions by their names.

// The running total of an array, so that each item is the sum of all before it and itself.
class Total : Pinwheel.Transform {
    public double offset { get; set; default = 0; }
    double sum;

    static construct {
        set_info ("total", "compute", "Adds up one array of f64", "A running total.", null);
        set_pad ("sink", Pinwheel.PadDirection.SINK, Pinwheel.Place.HOST);
        set_pad ("src", Pinwheel.PadDirection.SRC, Pinwheel.Place.HOST);
    }

    public override bool negotiate () throws Error {
        unowned Pinwheel.Format format = get_sink ().get_format ();

        if (format.to_string () != "x:f64[*]")
            throw new Pinwheel.Error.FORMAT ("expected x:f64[*], not %s", format.to_string ());
        get_src ().set_format (format);
        get_src ().set_demand (Pinwheel.MemoryKind.PINNED, 1);
        sum = offset;
        return true;
    }

    public override bool transform (Pinwheel.Chunk input, Pinwheel.Chunk? output) throws Error {
        double *x = input.get_data (0);
        double *y = output.get_data (0);

        for (uint64 i = 0; i < input.get_count (); i++)
            y[i] = sum += x[i];
        return true;
    }
}

// Prints the last item.
class Last : Pinwheel.Sink {
    double last;

    public override bool consume (Pinwheel.Chunk chunk) throws Error {
        double *x = chunk.get_data (0);

        last = x[chunk.get_count () - 1];
        return true;
    }

    public override bool finish () throws Error {
        print ("%g\n", last);
        return true;
    }
}

int main (string[] args) {
    Pinwheel.registry_add ("total", typeof (Total));
    Pinwheel.registry_add ("last", typeof (Last));
    try {
        var pipeline = (Pinwheel.Pipeline) Pinwheel.parse_launch (
            args.length > 1 ? args[1] : "testsrc format=x:f64[*] items=101 ! total offset=0.5 ! last", null);

        return pipeline.run () ? 0 : 1;
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }
}
