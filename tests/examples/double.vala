// SPDX-License-Identifier: LGPL-2.1-or-later
// An array of the program goes through a kernel, and comes back in chunks.
int main () {
    try {
        var pipeline = (Pinwheel.Pipeline) Pinwheel.parse_launch (
            "appsrc name=in format=x:f32[*] ! upload ! map expr=\"y = 2*x\" ! download ! appsink name=out", null);
        var input = (Pinwheel.AppSrc) pipeline.get_element ("in");
        var output = (Pinwheel.AppSink) pipeline.get_element ("out");
        float[] values = { 1, 2, 3 };

        unowned uint8[] raw = (uint8[]) values;
        raw.length = (int) (values.length * sizeof (float));
        input.push_bytes (new Bytes (raw), null);
        input.end ();
        pipeline.set_state (Pinwheel.State.RUNNING);
        Pinwheel.Chunk? chunk;
        while ((chunk = output.pull (null)) != null) {
            float *y = chunk.get_data (0);
            for (uint64 i = 0; i < chunk.get_count (); i++)
                print ("%g\n", y[i]);
        }
        pipeline.wait ();
        return 0;
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }
}
