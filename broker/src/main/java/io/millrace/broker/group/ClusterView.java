package io.millrace.broker.group;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What groups need to know of the cluster, at one moment. Immutable. */
public interface ClusterView {
    /** A cluster without topics, where every setting is 0. */
    ClusterView NOTHING =
            new ClusterView() {
                @Override
                public long version() {
                    return -1;
                }

                @Override
                public @Nullable Topic topic(String name) {
                    return null;
                }

                @Override
                public @Nullable Topic topic(UUID id) {
                    return null;
                }

                @Override
                public Collection<String> topicNames() {
                    return List.of();
                }

                @Override
                public int setting(String group, String key) {
                    return 0;
                }

                @Override
                public MigrationPolicy migration() {
                    return MigrationPolicy.DISABLED;
                }
            };

    /**
     * A topic.
     *
     * @param racks a digest of the racks that its replicas are in, partition by partition
     */
    record Topic(UUID id, String name, int partitions, long racks) {}

    /** Rises with every change. */
    long version();

    @Nullable Topic topic(String name);

    @Nullable Topic topic(UUID id);

    /** The names of all topics, in no order. */
    Collection<String> topicNames();

    /**
     * A number that the group is configured with, or else the broker.
     *
     * @param key as the group's own configuration calls it, for example {@code
     *     consumer.session.timeout.ms}
     */
    int setting(String group, String key);

    /** Which ways groups may move between the classic and the consumer protocol. */
    MigrationPolicy migration();
}
