package io.millrace.broker.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

/**
 * A consumer that reads what is committed, from the beginning on, and leaves out what is aborted.
 */
final class SimulatedConsumer {
    private static final long PATIENCE_MS = 500;
    private static final int MOST_BYTES = 2_000;

    private final SimulatedCluster cluster;
    private long position;

    /**
     * The latest epoch that it has been answered in: whoever led before is not asked (KIP-320). The
     * epochs of batches do not tell it: one that leads later may have committed them first.
     */
    private int seenEpoch;

    private long number;
    private boolean waits;
    private long sentMs;

    SimulatedConsumer(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    long position() {
        return position;
    }

    void tick() {
        if (waits && cluster.events.nowMs() - sentMs < PATIENCE_MS) {
            return;
        }
        waits = true;
        sentMs = cluster.events.nowMs();
        long sent = ++number;
        var wanted =
                new FetchPartition()
                        .setPartition(0)
                        .setFetchOffset(position)
                        .setPartitionMaxBytes(MOST_BYTES);
        cluster.<PartitionData>toLeader(
                (node, reply) -> node.fetchAsConsumer(wanted, seenEpoch, reply),
                data -> {
                    if (sent == number) {
                        waits = false;
                        take(data);
                    }
                });
    }

    private void take(PartitionData data) {
        Errors error = Errors.forCode(data.errorCode());
        assertThat(error)
                .as("answer to a fetch at %d", position)
                .isNotEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        if (error == Errors.NONE && data.records() instanceof MemoryRecords records) {
            seenEpoch = Math.max(seenEpoch, data.currentLeader().leaderEpoch());
            try {
                read(records, data);
            } catch (CorruptRecordException e) {
                assertThat(cluster.hasDamage()).as("a batch is corrupt: %s", e).isTrue();
            }
        }
    }

    private void read(MemoryRecords records, PartitionData data) {
        var aborted =
                new PriorityQueue<AbortedTransaction>(
                        Comparator.comparingLong(AbortedTransaction::firstOffset));
        if (data.abortedTransactions() != null) {
            aborted.addAll(data.abortedTransactions());
        }
        Set<Long> skipped = new HashSet<>();
        for (MutableRecordBatch batch : records.batches()) {
            if (batch.lastOffset() < position) {
                continue;
            }
            batch.ensureValid();
            if (batch.lastOffset() >= data.highWatermark()) {
                // No CRC covers its offsets, and nobody has looked at it since it was written.
                assertThat(cluster.hasDamage()).as("a batch past what is committed").isTrue();
                return;
            }
            while (!aborted.isEmpty() && aborted.peek().firstOffset() <= batch.lastOffset()) {
                skipped.add(aborted.remove().producerId());
            }
            if (batch.isControlBatch()) {
                skipped.remove(batch.producerId());
            } else if (!batch.isTransactional() || !skipped.contains(batch.producerId())) {
                see(batch);
            }
            position = batch.lastOffset() + 1;
        }
    }

    private void see(MutableRecordBatch batch) {
        var one = MemoryRecords.readableRecords(bytesOf(batch));
        for (Map.Entry<Long, Truth.Entry> each : Truth.entries(one).entrySet()) {
            cluster.truth.shows("a consumer", each.getKey(), each.getValue());
            long value = each.getValue().value();
            assertThat(cluster.producerOf(value).maySee(value))
                    .as("whether record %d at %d is committed", value, each.getKey())
                    .isTrue();
        }
    }

    private static ByteBuffer bytesOf(MutableRecordBatch batch) {
        var bytes = ByteBuffer.allocate(batch.sizeInBytes());
        batch.writeTo(bytes);
        bytes.flip();
        return bytes;
    }
}
