package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.GroupBounds;
import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.MigrationPolicy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.Collection;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An image of the cluster as groups see it. */
record ImageView(ClusterImage image, BrokerConfig config) implements ClusterView {
    private static final String PREFIX = "group.";

    @Override
    public long version() {
        return image.endOffset();
    }

    @Override
    public @Nullable Topic topic(String name) {
        return view(image.topic(name));
    }

    @Override
    public @Nullable Topic topic(UUID id) {
        return view(image.topic(id));
    }

    private @Nullable Topic view(@Nullable TopicImage topic) {
        return topic == null
                ? null
                : new Topic(topic.id(), topic.name(), topic.partitions().size(), racks(topic));
    }

    private long racks(TopicImage topic) {
        boolean none = image.nodes().values().stream().allMatch(node -> node.rack().isEmpty());
        if (none) {
            return 0;
        }
        long digest = 1;
        for (PartitionImage partition : topic.partitions()) {
            for (int replica : partition.replicas()) {
                @Nullable NodeImage node = image.nodes().get(replica);
                digest = digest * 31 + (node == null ? 0 : node.rack().hashCode());
            }
            digest = digest * 31 + partition.index();
        }
        return digest;
    }

    @Override
    public Collection<String> topicNames() {
        return image.topicsByName().keySet();
    }

    @Override
    public MigrationPolicy migration() {
        String policy = config.text("group.consumer.migration.policy");
        return MigrationPolicy.valueOf(policy.toUpperCase(Locale.ROOT));
    }

    /** Of the group if it is set there, within the bounds of the broker; else of the broker. */
    @Override
    public int setting(String group, String key) {
        String own = image.config(new ConfigResource(Type.GROUP, group)).get(key);
        if (own != null) {
            return GroupBounds.clamped(config, key, Integer.parseInt(own.strip()));
        }
        String name = key.startsWith(PREFIX) ? key : PREFIX + key;
        String changed = image.config(new ConfigResource(Type.BROKER, "")).get(name);
        return changed == null ? config.integer(name) : Integer.parseInt(changed.strip());
    }
}
