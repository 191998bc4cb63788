package io.millrace.cluster.controller;

import io.millrace.cluster.controller.Command.ChangeConfig;
import io.millrace.cluster.controller.Command.CreatePartitions;
import io.millrace.cluster.controller.Command.CreateTopic;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides about commands by the image that they would change. Stateless. */
public final class Controller {
    /** Partitions that one topic may have: a bound on what one request can cost. */
    public static final int MAX_PARTITIONS = 100_000;

    /** The name that the metadata log's folder takes: no topic may have it. */
    private static final String METADATA_TOPIC = "__cluster_metadata";

    private Controller() {}

    /**
     * What the command comes to, given the image.
     *
     * @param defaults in force where no topic says otherwise
     */
    public static Decision decide(ClusterImage image, Command command, Policy defaults) {
        return decide(image, command, defaults, HeldPartitions.BY_SCAN);
    }

    /**
     * The same, for who decides often.
     *
     * @param held finds what a node's coming and going changes
     */
    public static Decision decide(
            ClusterImage image, Command command, Policy defaults, HeldPartitions held) {
        var partitions = new PartitionChanges(image, defaults, held);
        var nodes = new NodeChanges(image, defaults, held);
        return switch (command) {
            case CreateTopic create -> create(image, create);
            case Command.DeleteTopic delete ->
                    image.topic(delete.id()) == null
                            ? new Refused(Reason.UNKNOWN_TOPIC_ID, "there is no such topic")
                            : new Accepted(List.of(Records.topicDeleted(delete.id())));
            case CreatePartitions create -> addPartitions(image, create);
            case ChangeConfig change -> new Accepted(changes(image, change, partitions));
            case Command.AllocateProducerIds allocate ->
                    new Accepted(
                            List.of(
                                    Records.producerIdsAllocated(
                                            image.nextProducerId() + allocate.count())));
            case Command.SetFeatureLevel set ->
                    new Accepted(List.of(Records.featureLevelChanged(set.name(), set.level())));
            case Command.RegisterNode register -> nodes.register(register);
            case Command.ChangeNode change -> nodes.change(change);
            case Command.UnregisterNode unregister -> nodes.unregister(unregister.node());
            case Command.AlterPartition alter -> partitions.alter(alter);
            case Command.ReplicaFailed failed -> partitions.failed(failed);
            case Command.ElectLeader elect -> partitions.elect(elect);
            case Command.Reassign reassign -> partitions.reassign(reassign);
            case Command.BalanceLeaders balance ->
                    new LeaderBalance(image, partitions).restore(balance.percentage());
        };
    }

    /**
     * What an earlier controller has left undone: it may have been cut off after any of its {@link
     * Pieces}. Also what a change of {@code unclean.leader.election.enable} now allows.
     */
    public static Accepted finish(ClusterImage image, Policy defaults) {
        return new Accepted(
                new PartitionChanges(image, defaults, HeldPartitions.BY_SCAN).leaderless());
    }

    private static Decision create(ClusterImage image, CreateTopic create) {
        String illegal = TopicNames.problem(create.name());
        if (illegal != null) {
            return new Refused(Reason.INVALID_TOPIC, illegal);
        }
        if (create.name().equals(METADATA_TOPIC)) {
            return new Refused(
                    Reason.INVALID_REQUEST,
                    "Creation of internal topic %s is prohibited.".formatted(METADATA_TOPIC));
        }
        if (image.topic(create.name()) != null) {
            return new Refused(
                    Reason.TOPIC_EXISTS, "Topic '%s' already exists.".formatted(create.name()));
        }
        String twin = collision(image, create.name());
        if (twin != null) {
            return new Refused(
                    Reason.INVALID_TOPIC,
                    "'%s' collides with '%s' where '.' and '_' cannot be told apart"
                            .formatted(create.name(), twin));
        }
        int count =
                create.assignments().isEmpty() ? create.partitions() : create.assignments().size();
        Refused refused = check(image, count, create.replicationFactor(), create.assignments());
        if (refused != null) {
            return refused;
        }
        var replicas =
                create.assignments().isEmpty()
                        ? Placement.place(image, count, create.replicationFactor(), 0)
                        : create.assignments();
        var records = new ArrayList<MetadataRecord>();
        records.add(
                Records.topicCreated(create.id(), create.name(), partitions(image, replicas, 0)));
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, create.name());
        create.configs()
                .forEach((key, value) -> records.add(Records.configChanged(resource, key, value)));
        return new Accepted(records);
    }

    private static @Nullable String collision(ClusterImage image, String name) {
        if (TopicNames.lookalikeCount(name) <= image.topics().size()) {
            return TopicNames.lookalikes(name)
                    .filter(other -> image.topic(other) != null)
                    .findFirst()
                    .orElse(null);
        }
        for (TopicImage topic : image.topics()) {
            if (TopicNames.collide(topic.name(), name)) {
                return topic.name();
            }
        }
        return null;
    }

    private static @Nullable Refused check(
            ClusterImage image, int count, int replicationFactor, List<List<Integer>> assignments) {
        if (count <= 0 || count > MAX_PARTITIONS) {
            return new Refused(
                    Reason.INVALID_PARTITIONS,
                    "a topic has 1 to %d partitions, not %d".formatted(MAX_PARTITIONS, count));
        }
        if (!assignments.isEmpty()) {
            return checkAssignments(image, assignments);
        }
        if (image.nodes().values().stream().noneMatch(NodeImage::isActive)) {
            return new Refused(
                    Reason.INVALID_REPLICATION_FACTOR, "All brokers are currently fenced.");
        }
        if (replicationFactor <= 0) {
            return new Refused(
                    Reason.INVALID_REPLICATION_FACTOR,
                    "Replication factor must be larger than 0, or -1 to use the default value.");
        }
        if (replicationFactor > image.nodes().size()) {
            return new Refused(
                    Reason.INVALID_REPLICATION_FACTOR,
                    "Unable to replicate the partition %d time(s): The target replication factor of %d cannot be reached because only %d broker(s) are registered."
                            .formatted(replicationFactor, replicationFactor, image.nodes().size()));
        }
        return null;
    }

    private static @Nullable Refused checkAssignments(
            ClusterImage image, List<List<Integer>> assignments) {
        int factor = assignments.getFirst().size();
        for (int i = 0; i < assignments.size(); i++) {
            String problem = problem(image, assignments.get(i), factor, i);
            if (problem != null) {
                return new Refused(Reason.INVALID_REPLICA_ASSIGNMENT, problem);
            }
        }
        return null;
    }

    /** What is wrong with the replicas that somebody wants for a partition; null if nothing is. */
    private static @Nullable String problem(
            ClusterImage image, List<Integer> replicas, int factor, int index) {
        String shape = problem(image, replicas);
        if (shape != null) {
            return shape;
        }
        if (replicas.size() != factor) {
            return "The manual partition assignment includes a partition with %d replica(s), but this is not consistent with previous partitions, which have %d replica(s)."
                    .formatted(replicas.size(), factor);
        }
        return replicas.stream().anyMatch(image::isActive)
                ? null
                : "All brokers specified in the manual partition assignment for partition %d are fenced or in controlled shutdown."
                        .formatted(index);
    }

    /** The same without regard to other partitions, and to who takes part; in Kafka's words. */
    static @Nullable String problem(ClusterImage image, List<Integer> replicas) {
        var seen = new HashSet<Integer>();
        for (int id : replicas) {
            if (!image.nodes().containsKey(id)) {
                return "The manual partition assignment includes broker %d, but no such broker is registered."
                        .formatted(id);
            }
            if (!seen.add(id)) {
                return "The manual partition assignment includes the broker %d more than once."
                        .formatted(id);
            }
        }
        return replicas.isEmpty()
                ? "The manual partition assignment includes an empty replica list."
                : null;
    }

    private static Decision addPartitions(ClusterImage image, CreatePartitions create) {
        TopicImage topic = image.topic(create.topic());
        if (topic == null) {
            return new Refused(Reason.UNKNOWN_TOPIC, "there is no topic " + create.topic());
        }
        int present = topic.partitions().size();
        int added = create.total() - present;
        if (added <= 0) {
            return new Refused(
                    Reason.INVALID_PARTITIONS,
                    "The topic %s currently has %d partition(s); %d would not be an increase."
                            .formatted(topic.name(), present, create.total()));
        }
        if (!create.assignments().isEmpty() && create.assignments().size() != added) {
            return new Refused(
                    Reason.INVALID_REPLICA_ASSIGNMENT,
                    "%d partitions are added, replicas are given for %d"
                            .formatted(added, create.assignments().size()));
        }
        int factor = topic.partitions().getFirst().replicas().size();
        Refused refused = check(image, create.total(), factor, create.assignments());
        if (refused != null) {
            return refused;
        }
        var replicas =
                create.assignments().isEmpty()
                        ? Placement.place(image, added, factor, present)
                        : create.assignments();
        return new Accepted(
                List.of(Records.partitionsAdded(topic.id(), partitions(image, replicas, present))));
    }

    /** New partitions: the replicas on nodes that take part are in sync, the first leads. */
    private static List<PartitionImage> partitions(
            ClusterImage image, List<List<Integer>> replicas, int firstIndex) {
        var made = new ArrayList<PartitionImage>(replicas.size());
        for (List<Integer> nodes : replicas) {
            PartitionImage all = PartitionImage.created(firstIndex + made.size(), nodes);
            NodeIds active = all.replicas().only(image::isActive);
            made.add(
                    active.size() == nodes.size()
                            ? all
                            : new PartitionImage(
                                    all.index(),
                                    active.get(0),
                                    0,
                                    0,
                                    all.replicas(),
                                    active,
                                    NodeIds.none(),
                                    NodeIds.none(),
                                    NodeIds.none()));
        }
        return made;
    }

    private static Collection<TopicImage> concerned(ClusterImage image, ConfigResource resource) {
        if (resource.type() != ConfigResource.Type.TOPIC) {
            return image.topics();
        }
        TopicImage topic = image.topic(resource.name());
        return topic == null ? List.of() : List.of(topic);
    }

    /**
     * Nobody is eligible by the old rule once the new one is in force; so that comes last, in case
     * no more is committed than that they are not.
     */
    private static List<MetadataRecord> changes(
            ClusterImage image, ChangeConfig change, PartitionChanges partitions) {
        var records = new ArrayList<MetadataRecord>(change.changes().size());
        if (change.changes().containsKey(Policy.MIN_IN_SYNC)) {
            records.addAll(partitions.forgetEligible(concerned(image, change.resource())));
        }
        change.changes()
                .forEach((key, value) ->
                        records.add(
                                Records.configChanged(change.resource(), key, value.orElse(null))));
        return records;
    }
}
