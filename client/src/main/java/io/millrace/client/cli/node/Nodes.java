package io.millrace.client.cli.node;

import static io.millrace.client.cli.text.Answers.get;

import io.millrace.client.cli.text.CliException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * The nodes of a cluster and what they hold, as brokers tell at one moment.
 *
 * @param brokers every registered one, by its id
 * @param quorum empty where the broker has none to tell of
 * @param partitions of all topics, the brokers' own too
 * @param moving the partitions that are on their way
 * @param drained the nodes that get no new replicas
 */
public record Nodes(
        Map<Integer, Node> brokers,
        Optional<QuorumInfo> quorum,
        Map<TopicPartition, TopicPartitionInfo> partitions,
        Map<TopicPartition, PartitionReassignment> moving,
        Set<Integer> drained) {

    /** What there is now. Blocks. */
    public static Nodes of(Admin admin) {
        var brokers = new TreeMap<Integer, Node>();
        get(admin.describeCluster(new DescribeClusterOptions().includeFencedBrokers(true)).nodes())
                .forEach(node -> brokers.put(node.id(), node));
        var names = get(admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        var partitions = new HashMap<TopicPartition, TopicPartitionInfo>();
        get(admin.describeTopics(names).allTopicNames())
                .forEach((name, topic) ->
                        topic.partitions()
                                .forEach(each ->
                                        partitions.put(
                                                new TopicPartition(name, each.partition()), each)));
        return new Nodes(
                brokers,
                quorum(admin),
                partitions,
                get(admin.listPartitionReassignments().reassignments()),
                new DrainMarks(admin).ids());
    }

    private static Optional<QuorumInfo> quorum(Admin admin) {
        try {
            return Optional.of(get(admin.describeMetadataQuorum().quorumInfo()));
        } catch (UnsupportedVersionException e) {
            return Optional.empty();
        }
    }

    /** All nodes, whether they are brokers, voters or only read along. */
    public Collection<Integer> ids() {
        var ids = new TreeSet<>(brokers.keySet());
        quorum.ifPresent(known ->
                Stream.of(known.voters(), known.observers())
                        .flatMap(List::stream)
                        .forEach(replica -> ids.add(replica.replicaId())));
        return ids;
    }

    /**
     * @throws CliException if there is no such node
     */
    public void require(int node) {
        if (!ids().contains(node)) {
            throw new CliException(
                    "there is no node %d: 'millrace node list' names all".formatted(node));
        }
    }

    /** Whether it is a broker that takes part. */
    public boolean isAlive(int node) {
        Node broker = brokers.get(node);
        return broker != null && !broker.isFenced();
    }

    /** Whether it votes in the quorum. */
    public boolean isVoter(int node) {
        return quorum.map(known -> find(known.voters(), node).isPresent()).orElse(false);
    }

    /** What is known of a node among some. */
    public static Optional<QuorumInfo.ReplicaState> find(
            List<QuorumInfo.ReplicaState> replicas, int node) {
        return replicas.stream().filter(replica -> replica.replicaId() == node).findFirst();
    }

    /** Replicas of each partition in the end, the preferred leader first. */
    Map<TopicPartition, List<Integer>> targets() {
        var targets =
                new TreeMap<TopicPartition, List<Integer>>(
                        Comparator.comparing(TopicPartition::topic)
                                .thenComparingInt(TopicPartition::partition));
        partitions.forEach((where, partition) -> {
            PartitionReassignment move = moving.get(where);
            List<Integer> replicas = partition.replicas().stream().map(Node::id).toList();
            targets.put(
                    where,
                    move == null
                            ? replicas
                            : move.replicas().stream()
                                    .filter(node -> !move.removingReplicas().contains(node))
                                    .toList());
        });
        return targets;
    }

    /** How many partitions a node has a replica of, those on their way from it too. */
    public long replicas(int node) {
        return partitions.values().stream()
                .filter(each -> each.replicas().stream().anyMatch(at -> at.id() == node))
                .count();
    }

    /** How many partitions a node leads. */
    public long leaders(int node) {
        return partitions.values().stream()
                .filter(each -> each.leader() != null && each.leader().id() == node)
                .count();
    }

    /** The partitions that are on their way from a node. */
    public List<TopicPartition> leaving(int node) {
        return moving.entrySet().stream()
                .filter(entry -> entry.getValue().removingReplicas().contains(node))
                .map(Map.Entry::getKey)
                .toList();
    }
}
