package io.millrace.bench.io.plan;

/** One workload for one subject, and where its figure stands in a chart. */
public record Job(Workload workload, Subject subject, Chart chart, double x) {
    /** Its line in the chart. */
    public String line() {
        boolean zeros = workload instanceof Workload.Writes writes && writes.preallocated();
        return subject.label() + (zeros && !chart.isOverZeros() ? ", preallocated" : "");
    }
}
