package io.millrace.bench.io;

/** One workload for one subject, and where its figure stands in a chart. */
record Job(Workload workload, Subject subject, Chart chart, double x) {
    /** Its line in the chart. */
    String line() {
        boolean zeros = workload instanceof Workload.Writes writes && writes.preallocated();
        return subject.label() + (zeros && !chart.isOverZeros() ? ", preallocated" : "");
    }
}
