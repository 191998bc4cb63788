package io.millrace.broker.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.Partition;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.quorum.raft.SimulatedRaft;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/** What has been shown, acknowledged and committed so far: for ever, and everywhere. */
final class Truth {
    private static final int MOST_BYTES = 1 << 20;

    private final TreeMap<Long, Entry> shown = new TreeMap<>();
    private final TreeMap<Long, Long> acknowledged = new TreeMap<>();
    private final Map<Long, Committed> metadata = new HashMap<>();
    private final Map<Long, ClusterImage> images = new HashMap<>();
    private final Map<Vote, Integer> votes = new HashMap<>();
    private final TreeMap<Integer, Integer> quorumLeaders = new TreeMap<>();
    private final Map<Written, Entry> written = new HashMap<>();
    private final Map<Integer, Integer> leaders = new HashMap<>();
    private final Map<Integer, Long> highWatermarks = new HashMap<>();
    private @Nullable ClusterImage newest;

    /**
     * One record of a partition.
     *
     * @param value -1 for the end of a transaction
     */
    record Entry(int epoch, long producer, short producerEpoch, long value) {
        static final long MARKER = -1;
    }

    private record Committed(int epoch, long checksum) {}

    private record Vote(int voter, int epoch) {}

    private record Written(long offset, int epoch) {}

    /** The partition, as all will know it; null until it is there. */
    @Nullable PartitionImage partition() {
        return newest == null ? null : newest.partition(SimulatedCluster.TOPIC_ID, 0);
    }

    /** Whether a node is in sync, whoever knows that yet. */
    boolean isInSync(int node) {
        PartitionImage partition = partition();
        return partition != null && partition.inSyncReplicas().has(node);
    }

    /** End of what anybody has shown or acknowledged of the partition. */
    long committedEnd() {
        return Math.max(endOf(shown), endOf(acknowledged));
    }

    private static long endOf(NavigableMap<Long, ?> offsets) {
        return offsets.isEmpty() ? 0 : offsets.lastKey() + 1;
    }

    Map<Long, Long> acknowledged() {
        return acknowledged;
    }

    int commits() {
        return metadata.size();
    }

    void acknowledged(long offset, long value) {
        Long before = acknowledged.putIfAbsent(offset, value);
        assertThat(before).as("what was acknowledged at %d", offset).isIn(null, value);
    }

    /** A node knows that a batch of the metadata log is committed. */
    void committed(long baseOffset, int epoch, long checksum) {
        var is = new Committed(epoch, checksum);
        Committed before = metadata.putIfAbsent(baseOffset, is);
        assertThat(before).as("committed metadata at %d", baseOffset).isIn(null, is);
    }

    /** Nobody votes for two in one epoch. */
    void voted(int voter, int epoch, int candidate) {
        Integer other = votes.putIfAbsent(new Vote(voter, epoch), candidate);
        assertThat(other)
                .as("whom voter %d votes for in epoch %d", voter, epoch)
                .isIn(null, candidate);
    }

    /** A node takes itself for the leader of the quorum: the only one of its epoch. */
    void leadsQuorum(int node, int epoch, SimulatedRaft raft) {
        Integer other = quorumLeaders.putIfAbsent(epoch, node);
        assertThat(other).as("who leads the quorum in epoch %d", epoch).isIn(null, node);
        // One of an epoch that is over already need not have what was committed since.
        if (other == null && quorumLeaders.lastKey() == epoch) {
            metadata.forEach((baseOffset, batch) ->
                    assertThat(raft.holds(baseOffset, batch.epoch(), batch.checksum()))
                            .as(
                                    "whether node %d, which leads in epoch %d, has the metadata"
                                            + " committed at %d",
                                    node, epoch, baseOffset)
                            .isTrue());
        }
    }

    /** A node has this image. */
    void published(ClusterImage image) {
        ClusterImage before = images.putIfAbsent(image.endOffset(), image);
        if (before != null) {
            assertThat(image).as("the image at %d", image.endOffset()).isEqualTo(before);
            return;
        }
        if (newest == null || image.endOffset() > newest.endOffset()) {
            newest = image;
        }
        for (TopicImage topic : image.topics()) {
            topic.partitions().forEach(partition -> checkShape(image, partition));
        }
    }

    private static void checkShape(ClusterImage image, PartitionImage is) {
        assertThat(is.replicas()).containsAll(is.inSyncReplicas()).containsAll(is.eligible());
        assertThat(is.inSyncReplicas()).as("in sync of %s", is).allMatch(image::isActive);
        if (is.leader() != PartitionImage.NO_LEADER) {
            assertThat(is.inSyncReplicas()).contains(is.leader());
        }
    }

    /** A node takes itself for the leader of the partition. */
    void leads(int node, Partition partition) {
        int epoch = partition.leaderEpoch();
        Integer other = leaders.putIfAbsent(epoch, node);
        assertThat(other).as("who leads in epoch %d", epoch).isIn(null, node);
        long committed = partition.highWatermark();
        Long before = highWatermarks.put(epoch, committed);
        assertThat(committed)
                .as("high watermark of the leader of epoch %d", epoch)
                .isGreaterThanOrEqualTo(before == null ? 0 : before);
    }

    /** What a node shows is what every node that shows it shows. */
    void shows(int node, PartitionLog log, long from, long to) {
        assertThat(to)
                .as("high watermark of node %d", node)
                .isLessThanOrEqualTo(log.logEndOffset());
        entries(log, from, to).forEach((offset, entry) -> shows("node " + node, offset, entry));
    }

    void shows(String who, long offset, Entry entry) {
        Entry before = shown.putIfAbsent(offset, entry);
        assertThat(entry)
                .as("what %s shows at %d", who, offset)
                .isEqualTo(before == null ? entry : before);
    }

    /** What a replica that is in sync holds of what is committed. */
    void checkHolds(int node, long offset, @Nullable Entry entry) {
        Entry committed = shown.get(offset);
        if (committed != null) {
            assertThat(entry)
                    .as("what node %d, which is in sync, has at %d", node, offset)
                    .isEqualTo(committed);
        }
    }

    /** What one leader wrote at an offset, it wrote once. */
    void wrote(int node, long offset, Entry entry) {
        Entry before = written.putIfAbsent(new Written(offset, entry.epoch()), entry);
        assertThat(entry)
                .as("what node %d has of epoch %d at %d", node, entry.epoch(), offset)
                .isEqualTo(before == null ? entry : before);
    }

    /** The records of a part of a log. */
    static NavigableMap<Long, Entry> entries(PartitionLog log, long from, long to) {
        var found = new TreeMap<Long, Entry>();
        long next = from;
        while (next < to) {
            LogSlice slice = log.read(next, to, MOST_BYTES, true);
            ByteBuffer bytes = slice.read();
            slice.release();
            found.putAll(entries(MemoryRecords.readableRecords(bytes)));
            assertThat(found).as("records from %d on, up to %d", next, to).isNotEmpty();
            next = found.lastKey() + 1;
        }
        return found;
    }

    static NavigableMap<Long, Entry> entries(MemoryRecords records) {
        var found = new TreeMap<Long, Entry>();
        for (MutableRecordBatch batch : records.batches()) {
            batch.ensureValid();
            for (Record each : batch) {
                long value = batch.isControlBatch() ? Entry.MARKER : each.value().getLong();
                found.put(
                        each.offset(),
                        new Entry(
                                batch.partitionLeaderEpoch(),
                                batch.producerId(),
                                batch.producerEpoch(),
                                value));
            }
        }
        return found;
    }

    /** Nothing that was acknowledged is lost, and nothing is there twice. */
    void checkComplete(PartitionLog log) {
        Map<Long, Entry> all = entries(log, log.logStartOffset(), log.logEndOffset());
        acknowledged.forEach((offset, value) -> {
            assertThat(all).as("the log that holds %d", value).containsKey(offset);
            assertThat(Objects.requireNonNull(all.get(offset)).value())
                    .as("record at %d", offset)
                    .isEqualTo(value);
        });
        var offsets = new HashMap<Long, Long>();
        all.forEach((offset, entry) -> {
            if (entry.value() != Entry.MARKER) {
                assertThat(offsets.put(entry.value(), offset))
                        .as("record %d, which is at %d", entry.value(), offset)
                        .isNull();
            }
        });
    }
}
