package io.millrace.client.cli;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where reading begins and ends in each partition: offsets, looked up when it is first assigned.
 * Used on the consumer's thread; looking up blocks.
 */
final class ReadRange implements ConsumerRebalanceListener {
    private final Consumer<?, ?> consumer;
    private final @Nullable StartPoint from;
    private final @Nullable StartPoint until;
    private final Map<TopicPartition, Long> stops = new HashMap<>();
    private boolean begun;

    /**
     * @param from null where the consumer begins by itself: at what its group has committed
     * @param until null if there is no end
     */
    ReadRange(Consumer<?, ?> consumer, @Nullable StartPoint from, @Nullable StartPoint until) {
        this.consumer = consumer;
        this.from = from;
        this.until = until;
    }

    /** Only the first partitions are moved: later ones come with what other members committed. */
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        for (TopicPartition where : partitions) {
            if (until != null) {
                stops.computeIfAbsent(where, each -> Math.min(end(each), offset(each, until)));
            }
            if (from != null && !begun) {
                consumer.seek(where, offset(where, from));
            }
        }
        begun |= !partitions.isEmpty();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        // What was printed is committed already.
    }

    boolean includes(ConsumerRecord<?, ?> record) {
        var stop = stops.get(new TopicPartition(record.topic(), record.partition()));
        return stop == null || record.offset() < stop;
    }

    /** Whether all is read up to the end that was asked for. */
    boolean isDone() {
        var assigned = consumer.assignment();
        return until != null
                && !assigned.isEmpty()
                && assigned.stream()
                        .allMatch(
                                where -> consumer.position(where) >= stops.getOrDefault(where, 0L));
    }

    private long offset(TopicPartition where, StartPoint point) {
        if (point instanceof StartPoint.Offset at) {
            // Beyond what there is the client would begin at the other end.
            return Math.max(first(where), Math.min(end(where), at.offset()));
        }
        if (point instanceof StartPoint.Beginning) {
            return first(where);
        }
        long end = end(where);
        if (point instanceof StartPoint.BeforeEnd before) {
            return Math.max(first(where), end - before.records());
        }
        if (point instanceof StartPoint.At at) {
            var found = consumer.offsetsForTimes(Map.of(where, at.timestampMs())).get(where);
            return found == null ? end : found.offset();
        }
        return end;
    }

    private long end(TopicPartition where) {
        return consumer.endOffsets(List.of(where)).getOrDefault(where, 0L);
    }

    private long first(TopicPartition where) {
        return consumer.beginningOffsets(List.of(where)).getOrDefault(where, 0L);
    }
}
