package io.millrace.bench.controller;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;

/**
 * Measures one number of partitions: fills a controller once, and then in rounds begins from it.
 */
final class ControllerRun {
    private static final double NS_A_MS = 1e6;
    private static final double NS_A_S = 1e9;
    private static final int BATCH = 1_000;
    private static final int COLLECTIONS = 3;

    private final ClusterShape shape;
    private final int changes;
    private final Figures figures;
    private final SnapshotBytes filled;

    /**
     * @param changes of partitions that are applied one by one, and as many in batches
     */
    ControllerRun(ClusterShape shape, int changes, Figures figures) throws IOException {
        this.shape = shape;
        this.changes = changes;
        this.figures = figures;
        var controller = new LoadedController();
        long ns = timeNs(() -> controller.fill(shape));
        add("partitions created", "1/s", shape.partitions() * NS_A_S / ns);
        filled = SnapshotBytes.of(controller.image());
    }

    void round(int round) throws IOException {
        long before = usedBytes();
        var controller = new LoadedController();
        long readNs = timeNs(() -> filled.readInto(controller.quorum()));
        controller.runTasks();
        long imageBytes = usedBytes() - before;
        add("image in memory", "MB", imageBytes / 1e6);
        add("image, a partition", "B", (double) imageBytes / shape.partitions());
        long begunNs = cpuNs();
        SnapshotBytes snapshot = SnapshotBytes.of(controller.image());
        add("snapshot", "MB", snapshot.size() / 1e6);
        add("snapshot written", "ms", (cpuNs() - begunNs) / NS_A_MS);
        add("snapshot read and applied", "ms", readNs / NS_A_MS);
        apply(controller, new Random(round));
        decide(controller, new Random(round));
        takeOver(controller);
    }

    /** As a follower of the metadata does. */
    private void apply(LoadedController controller, Random random) {
        List<MetadataRecord> records = changes(controller, random);
        long singleNs =
                timeNs(() ->
                        records.forEach(record -> controller.quorum().commit(List.of(record))));
        add("changes applied, one by one", "1/s", records.size() * NS_A_S / singleNs);
        controller.runTasks();
        var batches = new ArrayList<List<MetadataRecord>>();
        for (int from = 0; from < records.size(); from += BATCH) {
            batches.add(records.subList(from, Math.min(records.size(), from + BATCH)));
        }
        long batchNs = timeNs(() -> batches.forEach(controller.quorum()::commit));
        add("changes applied, 1,000 at once", "1/s", records.size() * NS_A_S / batchNs);
        controller.runTasks();
    }

    /** A replica fewer in sync, in random partitions. */
    private List<MetadataRecord> changes(LoadedController controller, Random random) {
        var records = new ArrayList<MetadataRecord>(changes);
        for (int i = 0; i < changes; i++) {
            TopicImage topic = any(controller, random);
            PartitionImage partition =
                    topic.partitions().get(random.nextInt(topic.partitions().size()));
            PartitionImage after =
                    partition.withMembers(fewer(partition), NodeIds.none()).after(partition);
            records.add(Records.partitionChanged(topic.id(), after));
        }
        return records;
    }

    /** A partition's topic: every partition is as likely as any other. */
    private TopicImage any(LoadedController controller, Random random) {
        int place = random.nextInt(shape.partitions());
        int first = shape.largestTopic();
        int topic = place < first ? 0 : 1 + (place - first) / ClusterShape.USUAL_PARTITIONS;
        return Objects.requireNonNull(controller.image().topic(new UUID(3, topic)));
    }

    private static NodeIds fewer(PartitionImage partition) {
        NodeIds replicas = partition.replicas();
        return replicas.minus(replicas.get(replicas.size() - 1));
    }

    /** The wishes of leaders: decided, encoded, applied. */
    private void decide(LoadedController controller, Random random) {
        controller.takeOver(2);
        int count = changes / 4;
        long ns =
                timeNs(() -> {
                    for (int i = 0; i < count; i++) {
                        wish(controller, random);
                    }
                });
        add("wishes of leaders decided and applied", "1/s", count * NS_A_S / ns);
        controller.runTasks();
    }

    private void wish(LoadedController controller, Random random) {
        TopicImage topic = any(controller, random);
        PartitionImage partition =
                topic.partitions().get(random.nextInt(topic.partitions().size()));
        NodeImage leader =
                Objects.requireNonNull(controller.image().nodes().get(partition.leader()));
        NodeIds all = partition.replicas();
        NodeIds wanted = partition.inSyncReplicas().size() == all.size() ? fewer(partition) : all;
        controller.submit(
                new Command.AlterPartition(
                        leader.id(),
                        leader.registration().epoch(),
                        topic.id(),
                        partition.index(),
                        partition.leaderEpoch(),
                        partition.partitionEpoch(),
                        wanted,
                        List.of()));
    }

    /** Another controller takes over, and brokers fall silent. */
    private void takeOver(LoadedController controller) {
        add("takeover", "ms", timeNs(() -> controller.takeOver(3)) / NS_A_MS);
        add("first broker failed over after it", "ms", fenceNs(controller, 2) / NS_A_MS);
        add("broker with its share failed over", "ms", fenceNs(controller, 3) / NS_A_MS);
        controller.quorum().takeRecordCount();
        controller.quorum().takeByteCount();
        controller.quorum().takeLargestBytes();
        long ns = fenceNs(controller, ClusterShape.BUSY);
        add("busy broker failed over", "ms", ns / NS_A_MS);
        add("busy broker: leaders moved", "1", shape.busyLeaders());
        add("busy broker: records", "1", (double) controller.quorum().takeRecordCount());
        add("busy broker: records' bytes", "MB", controller.quorum().takeByteCount() / 1e6);
        add("busy broker: largest piece", "MB", controller.quorum().takeLargestBytes() / 1e6);
    }

    private static long fenceNs(LoadedController controller, int broker) {
        long ns = timeNs(() -> controller.fence(broker));
        controller.runTasks();
        return ns;
    }

    private void add(String metric, String unit, double value) {
        figures.add(shape.partitions(), metric, unit, value);
    }

    private static long timeNs(Runnable task) {
        long begunNs = cpuNs();
        task.run();
        return cpuNs() - begunNs;
    }

    /** Processor time of this thread: others on the machine are not in it. */
    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** What is reachable, once what is not has been collected. */
    private static long usedBytes() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
