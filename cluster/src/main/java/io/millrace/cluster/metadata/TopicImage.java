package io.millrace.cluster.metadata;

import java.util.List;
import java.util.UUID;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A topic and its partitions, in the order of their indexes. Immutable. */
public record TopicImage(UUID id, String name, List<PartitionImage> partitions) {
    private static final PartitionList NONE = PartitionList.of(List.of());

    public TopicImage {
        partitions = PartitionList.of(partitions);
    }

    /**
     * Gives the index of each partition that differs from what it was, or is new; without looking
     * at those that both have in common.
     *
     * @param before the topic as it was; null if it was not there
     */
    public void forEachChanged(@Nullable TopicImage before, IntConsumer changed) {
        list().forEachChanged(before == null ? NONE : before.list(), changed);
    }

    /** What the constructor made of them. */
    PartitionList list() {
        return PartitionList.of(partitions);
    }
}
