package io.millrace.bench.compare;

import io.millrace.bench.load.LoadResult;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.util.Map;

/** One run of one subject, on which workloads are put one after another. */
final class Session {
    private final Subject subject;
    private final BrokerProcess broker;
    private final Results results;
    private int topics;

    Session(Subject subject, BrokerProcess broker, Results results) {
        this.subject = subject;
        this.broker = broker;
        this.results = results;
    }

    /** Something that puts a load on the broker. */
    @FunctionalInterface
    interface Load {
        LoadResult run() throws IOException, InterruptedException;
    }

    Subject subject() {
        return subject;
    }

    Results results() {
        return results;
    }

    BrokerProcess broker() {
        return broker;
    }

    /** A new topic with the broker's defaults. */
    Target topic(int partitions) throws IOException, InterruptedException {
        return topic(partitions, Map.of());
    }

    /** A new topic. */
    Target topic(int partitions, Map<String, String> configs)
            throws IOException, InterruptedException {
        return Target.create(broker.address(), "bench-" + topics++, partitions, configs);
    }

    /** Waits until the topic that an earlier run on this folder made first is led again. */
    void awaitFirstTopic() throws IOException, InterruptedException {
        Target.awaitLed(broker.address(), "bench-0", Workloads.PARTITIONS);
    }

    /** Runs a load and notes its throughput, what it cost the broker and what that wrote. */
    LoadResult measure(String workload, Load load) throws IOException, InterruptedException {
        double before = broker.figures().writtenMb();
        LoadResult result = measureReads(workload, load);
        double after = broker.figures().writtenMb();
        if (after >= 0) {
            add(workload, "written", "MB/MB", (after - before) / (result.bytes() / 1e6));
        }
        return result;
    }

    /** Runs a load that writes nothing and notes its throughput and what it cost the broker. */
    LoadResult measureReads(String workload, Load load) throws IOException, InterruptedException {
        double before = broker.figures().cpuSeconds();
        LoadResult result = load.run();
        double cpu = broker.figures().cpuSeconds() - before;
        add(workload, "throughput", "MB/s", result.megabytesPerSecond());
        add(workload, "records", "1/s", result.recordsPerSecond());
        add(workload, "CPU", "ms/MB", cpu * 1e3 / (result.bytes() / 1e6));
        add(workload, "CPU a record", "us", cpu * 1e6 / result.records());
        return result;
    }

    void addLatency(String workload, LoadResult result) {
        results.addLatency(workload, subject, result.latencyNs());
    }

    void add(String workload, String metric, String unit, double value) {
        results.add(workload, subject, metric, unit, value);
    }
}
