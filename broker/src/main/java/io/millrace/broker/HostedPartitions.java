package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.TopicConfigs;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.loop.Replication;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
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
    private final PartitionFolders folders;
    private final BrokerConfig config;
    private final Joining joining;
    private final Policy defaults;
    private final Map<String, LogConfig> settings = new ConcurrentHashMap<>();
    private final List<Consumer<String>> deletionListeners = new ArrayList<>();

    /** Up to where the metadata was followed; null until this broker takes part. */
    private @Nullable ClusterImage followed;

    HostedPartitions(
            PartitionDirectory directory,
            Loops loops,
            LogEnvironment env,
            PartitionFolders folders,
            BrokerConfig config,
            Joining joining) {
        this.directory = directory;
        this.loops = loops;
        this.env = env;
        this.folders = folders;
        this.config = config;
        this.joining = joining;
        this.defaults = policy(config);
    }

    /** What is asked of replicas where no topic says otherwise. */
    static Policy policy(BrokerConfig config) {
        return new Policy(
                config.integer("min.insync.replicas"),
                config.flag("unclean.leader.election.enable"));
    }

    /**
     * How this broker takes part.
     *
     * @param image the newest
     * @param replication what its replicas have in common
     * @param incarnation in which it is registered, before which it takes no part: what it was in
     *     an earlier life is over; null if there are no others
     */
    record Joining(
            Supplier<ClusterImage> image, Replication replication, @Nullable UUID incarnation) {
        boolean isAlone() {
            return incarnation == null;
        }

        boolean isIn(ClusterImage now) {
            NodeImage self = now.nodes().get(replication.self());
            return incarnation == null
                    || self != null && self.registration().incarnation().equals(incarnation);
        }

        /** Whether what is said of this node is said of another start, or of another process. */
        boolean isOfAnother(ClusterImage now) {
            return now.nodes().containsKey(replication.self()) && !isIn(now);
        }
    }

    /** Calls a listener with the name of each topic that is deleted. */
    void onTopicDeleted(Consumer<String> listener) {
        deletionListeners.add(listener);
    }

    /** Follows the metadata for as long as it is heard of. Before the service starts. */
    void follow(MetadataService metadata) {
        metadata.subscribe(this::apply);
        var _ = metadata.failure().thenAccept(this::resign);
    }

    /** Follows a change of the metadata. */
    void apply(ImageDelta delta) {
        settings.clear();
        ClusterImage before = followed;
        boolean joins = before == null;
        if (joins ? !joining.isIn(delta.after()) : joining.isOfAnother(delta.after())) {
            return;
        }
        followed = delta.after();
        if (joins && !joining.isAlone()) {
            folders.keepOnly(hosted(delta.after()));
            delta.after().topics().forEach(topic -> host(delta, topic));
        } else {
            // One that was unregistered goes on: others lead now what it led, as these changes say.
            follow(
                    before == null || before.endOffset() == delta.before().endOffset()
                            ? delta
                            : ImageDelta.between(before, delta.after()));
        }
    }

    private void follow(ImageDelta delta) {
        // A topic that is new may have the name, and the folders, of one that is gone.
        for (UUID id : delta.touchedTopics()) {
            if (delta.after().topic(id) == null) {
                delete(id);
            }
        }
        for (UUID id : delta.touchedTopics()) {
            TopicImage topic = delta.after().topic(id);
            if (topic != null) {
                host(delta, topic);
            }
        }
        for (ConfigResource changed : delta.touchedConfigs()) {
            reconfigure(delta.after(), changed);
        }
    }

    private Set<PartitionId> hosted(ClusterImage now) {
        var hosted = new HashSet<PartitionId>();
        for (TopicImage topic : now.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.replicas().has(joining.replication().self())) {
                    hosted.add(new PartitionId(topic.id(), topic.name(), partition.index()));
                }
            }
        }
        return hosted;
    }

    /** Makes the partitions that are new, and tells the others what has changed for them. */
    private void host(ImageDelta delta, TopicImage topic) {
        @Nullable HostedTopic present = directory.topic(topic.id());
        int known = present == null ? 0 : present.partitions().size();
        List<Partition> partitions =
                present != null && known == topic.partitions().size()
                        ? present.partitions()
                        : grown(delta.after(), topic, present);
        for (int index = known; index < partitions.size(); index++) {
            // One that is led here alone is opened when it is first used.
            if (!isAlone(topic.partitions().get(index))) {
                take(partitions.get(index), terms(delta.after(), topic, index));
            }
        }
        topic.forEachChanged(
                delta.before().topic(topic.id()),
                index -> {
                    if (index < known) {
                        take(partitions.get(index), terms(delta.after(), topic, index));
                    }
                });
    }

    private List<Partition> grown(
            ClusterImage after, TopicImage topic, @Nullable HostedTopic present) {
        var partitions =
                new ArrayList<Partition>(present == null ? List.of() : present.partitions());
        for (int index = partitions.size(); index < topic.partitions().size(); index++) {
            partitions.add(partition(after, topic, index));
        }
        var hosted = new HostedTopic(topic.id(), topic.name(), List.copyOf(partitions));
        directory.put(hosted);
        return hosted.partitions();
    }

    private boolean isAlone(PartitionImage partition) {
        return partition.replicas().size() == 1
                && partition.leader() == joining.replication().self();
    }

    /** Leads and follows nothing any more: no change of the metadata is heard of from now on. */
    private void resign(Throwable cause) {
        LOG.error("Nothing is led here until a restart: the quorum here has failed", cause);
        for (HostedTopic topic : directory.all()) {
            topic.partitions().forEach(partition -> take(partition, Terms::withoutLeader));
        }
    }

    private void take(Partition partition, Terms terms) {
        take(partition, _ -> terms);
    }

    private void take(Partition partition, UnaryOperator<Terms> change) {
        partition.execute(() -> {
            try {
                partition.take(change.apply(partition.terms()));
                partition.abandon();
            } catch (StorageException e) {
                partition.offline(e);
            } catch (RuntimeException e) {
                // A partition that took half of its terms would neither lead nor follow, unnoticed.
                LOG.error("{} cannot do what the metadata says of it", partition.id(), e);
                partition.offline(
                        new StorageException(
                                Path.of(partition.id().folder()), "its terms cannot be taken", e));
            }
        });
    }

    /** Another number of replicas has to be in sync. */
    private void tellTerms(ClusterImage after, TopicImage topic) {
        HostedTopic hosted = directory.topic(topic.id());
        if (hosted != null) {
            for (int index = 0; index < hosted.partitions().size(); index++) {
                take(hosted.partitions().get(index), terms(after, topic, index));
            }
        }
    }

    private Terms terms(ClusterImage now, TopicImage topic, int index) {
        return Terms.of(
                topic.partitions().get(index), defaults.of(now, topic.name()).minInSyncReplicas());
    }

    private Partition partition(ClusterImage now, TopicImage topic, int index) {
        var id = new PartitionId(topic.id(), topic.name(), index);
        OwnerLoop loop = loops.ownerOf(topic.name(), index);
        return new Partition(
                id,
                loop,
                joining.replication(),
                terms(now, topic, index),
                owner ->
                        PartitionLog.open(
                                env,
                                joining.isAlone() ? folders.of(id) : folders.claim(id),
                                logConfig(topic.name()),
                                owner,
                                loop.nowMs()));
    }

    /** The settings in force for a topic's logs; worked out once, until the metadata changes. */
    private LogConfig logConfig(String topic) {
        return settings.computeIfAbsent(topic, this::workOut);
    }

    private LogConfig workOut(String topic) {
        ClusterImage now = joining.image().get();
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
            TopicImage image = after.topic(changed.name());
            if (image != null) {
                tellTerms(after, image);
            }
        } else if (changed.type() == Type.BROKER) {
            after.topics().forEach(topic -> tellTerms(after, topic));
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
