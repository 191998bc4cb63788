package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.TopicConfigs;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.PartitionId;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.PartitionLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the directory of partitions as the metadata says: makes, grows, reconfigures and deletes
 * them. Runs on the metadata thread; what touches a partition is sent to its loop.
 */
final class HostedPartitions {
    private static final Logger LOG = LoggerFactory.getLogger(HostedPartitions.class);

    private final PartitionDirectory directory;
    private final Loops loops;
    private final LogEnvironment env;
    private final Path folder;
    private final BrokerConfig config;
    private final Supplier<ClusterImage> image;
    private final Map<String, LogConfig> settings = new ConcurrentHashMap<>();
    private final List<Consumer<String>> deletionListeners = new ArrayList<>();

    HostedPartitions(
            PartitionDirectory directory,
            Loops loops,
            LogEnvironment env,
            Path folder,
            BrokerConfig config,
            Supplier<ClusterImage> image) {
        this.directory = directory;
        this.loops = loops;
        this.env = env;
        this.folder = folder;
        this.config = config;
        this.image = image;
    }

    /** Calls a listener with the name of each topic that is deleted. */
    void onTopicDeleted(Consumer<String> listener) {
        deletionListeners.add(listener);
    }

    /** Follows a change of the metadata. */
    void apply(ImageDelta delta) {
        settings.clear();
        for (UUID id : delta.touchedTopics()) {
            TopicImage topic = delta.after().topic(id);
            if (topic == null) {
                delete(id);
            } else {
                host(topic);
            }
        }
        for (ConfigResource changed : delta.touchedConfigs()) {
            reconfigure(delta.after(), changed);
        }
    }

    private void host(TopicImage topic) {
        @Nullable HostedTopic present = directory.topic(topic.id());
        var partitions =
                new ArrayList<Partition>(present == null ? List.of() : present.partitions());
        for (int index = partitions.size(); index < topic.partitions().size(); index++) {
            partitions.add(partition(topic, index));
        }
        directory.put(new HostedTopic(topic.id(), topic.name(), List.copyOf(partitions)));
    }

    private Partition partition(TopicImage topic, int index) {
        var id = new PartitionId(topic.id(), topic.name(), index);
        OwnerLoop loop = loops.ownerOf(topic.name(), index);
        int epoch = topic.partitions().get(index).leaderEpoch();
        return new Partition(
                id,
                loop,
                epoch,
                owner ->
                        PartitionLog.open(
                                env,
                                folder.resolve(id.folder()),
                                logConfig(topic.name()),
                                owner,
                                loop.nowMs()));
    }

    /** The settings in force for a topic's logs; worked out once, until the metadata changes. */
    private LogConfig logConfig(String topic) {
        return settings.computeIfAbsent(topic, this::workOut);
    }

    private LogConfig workOut(String topic) {
        ClusterImage now = image.get();
        var changed = new HashMap<String, String>();
        changed.putAll(now.config(new ConfigResource(Type.BROKER, "")));
        changed.putAll(now.config(new ConfigResource(Type.BROKER, config.text("node.id"))));
        Map<String, String> own = now.config(new ConfigResource(Type.TOPIC, topic));
        return TopicConfigs.logConfig(config.with(changed), own);
    }

    private void delete(UUID id) {
        HostedTopic gone = directory.remove(id);
        if (gone == null) {
            return;
        }
        for (Partition partition : gone.partitions()) {
            partition.execute(() -> {
                try {
                    partition.delete();
                } catch (RuntimeException e) {
                    LOG.error("Could not delete {}: {}", partition.id(), e.getMessage());
                }
            });
        }
        deletionListeners.forEach(listener -> listener.accept(gone.name()));
    }

    private void reconfigure(ClusterImage after, ConfigResource changed) {
        if (changed.type() == Type.TOPIC) {
            HostedTopic topic = directory.topic(changed.name());
            if (topic != null) {
                reconfigure(topic);
            }
        } else if (changed.type() == Type.BROKER) {
            after.topics().stream()
                    .map(topic -> directory.topic(topic.id()))
                    .forEach(topic -> {
                        if (topic != null) {
                            reconfigure(topic);
                        }
                    });
        }
    }

    private void reconfigure(HostedTopic topic) {
        LogConfig changed = logConfig(topic.name());
        topic.partitions()
                .forEach(partition -> partition.execute(() -> partition.reconfigure(changed)));
    }
}
