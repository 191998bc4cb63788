package io.millrace.bench.io.plan;

/** The charts of the report, with what their axes are. */
public enum Chart {
    APPEND("Sequential write, never synced", "block, KiB", Figure.MB_PER_S),
    SYNCED("Sequential write, each synced", "block, KiB", Figure.P50_US),
    GROUPS("4 KiB writes, so many a sync", "writes a sync", Figure.MB_PER_S),
    FILES("16 KiB writes over files in turn", "files", Figure.MB_PER_S),
    FILES_SYNCED(
            "16 KiB writes over files in turn, all synced each turn", "files", Figure.MB_PER_S),
    RANDOM("Random write over existing files", "block, KiB", Figure.MB_PER_S),
    READ("Sequential read, cached", "block, KiB", Figure.MB_PER_S),
    READ_COLD("Sequential read, cold", "block, KiB", Figure.MB_PER_S),
    READ_RANDOM("Random read, cached", "block, KiB", Figure.P50_US),
    READ_RANDOM_COLD("Random read, cold", "block, KiB", Figure.P50_US);

    private final String title;
    private final String xLabel;
    private final Figure figure;

    /** What a chart's points are. */
    public enum Figure {
        MB_PER_S("MB/s"),
        P50_US("p50, us");

        private final String label;

        Figure(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    Chart(String title, String xLabel, Figure figure) {
        this.title = title;
        this.xLabel = xLabel;
        this.figure = figure;
    }

    public String title() {
        return title;
    }

    public String xLabel() {
        return xLabel;
    }

    public Figure figure() {
        return figure;
    }

    /** Whether all of it is written over files that are there. */
    public boolean isOverZeros() {
        return this == RANDOM;
    }
}
