package io.millrace.bench.cluster;

import io.millrace.bench.load.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.RetriableException;

/** What a cluster says of itself, and what is asked of it seldom. Blocks; of one thread. */
final class ClusterAdmin implements AutoCloseable {
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(2);
    private static final int PAUSE_MS = 20;

    private final Admin admin;

    ClusterAdmin(String bootstrapServers) {
        admin =
                Admin.create(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "reconnect.backoff.max.ms",
                                "50",
                                "retry.backoff.ms",
                                "20"));
    }

    /** Something that is asked of the cluster. */
    @FunctionalInterface
    private interface Question<T> {
        KafkaFuture<T> ask();
    }

    /** Makes a topic whose leaders are spread evenly, as soon as all nodes can have replicas. */
    void createTopic(String topic, int partitions) throws IOException, InterruptedException {
        Map<Integer, List<Integer>> replicas =
                IntStream.range(0, partitions)
                        .boxed()
                        .collect(Collectors.toMap(one -> one, ClusterAdmin::replicasOf));
        var wanted = new NewTopic(topic, replicas).configs(Map.of("min.insync.replicas", "2"));
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (true) {
            try {
                admin.createTopics(List.of(wanted)).all().get();
                return;
            } catch (ExecutionException e) {
                // A cluster that has just started may not know all of its nodes.
                if (System.nanoTime() > deadlineNs) {
                    throw new IOException("topic " + topic + " is not made: " + e.getCause(), e);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            }
        }
    }

    private static List<Integer> replicasOf(int partition) {
        return IntStream.range(0, Cluster.NODES)
                .mapToObj(i -> (partition + i) % Cluster.NODES + 1)
                .toList();
    }

    void deleteTopic(String topic) throws IOException, InterruptedException {
        get("deletion of " + topic, () -> admin.deleteTopics(List.of(topic)).all());
    }

    private TopicDescription describe(String topic) throws IOException, InterruptedException {
        return get(
                "description of " + topic,
                () ->
                        Objects.requireNonNull(
                                admin.describeTopics(List.of(topic)).topicNameValues().get(topic)));
    }

    /** The topic as a load needs it: with its leaders of now. */
    Target target(String topic) throws IOException, InterruptedException {
        TopicDescription is = describe(topic);
        List<InetSocketAddress> leaders =
                is.partitions().stream()
                        .map(one -> new InetSocketAddress(one.leader().host(), one.leader().port()))
                        .toList();
        return new Target(leaders.getFirst(), topic, is.topicId(), leaders);
    }

    /** The partitions that a node leads. */
    Set<Integer> ledBy(int node, String topic) throws IOException, InterruptedException {
        return describe(topic).partitions().stream()
                .filter(one -> isLedBy(node, one))
                .map(TopicPartitionInfo::partition)
                .collect(Collectors.toSet());
    }

    private static boolean isLedBy(int node, TopicPartitionInfo partition) {
        Node leader = partition.leader();
        return leader != null && leader.id() == node;
    }

    /** The node that leads the quorum. */
    int controller() throws IOException, InterruptedException {
        return quorum().leaderId();
    }

    private QuorumInfo quorum() throws IOException, InterruptedException {
        return get("the quorum", () -> admin.describeMetadataQuorum().quorumInfo());
    }

    /** Whether all replicas of a topic are in sync. */
    boolean isInSync(String topic) throws IOException, InterruptedException {
        return describe(topic).partitions().stream().allMatch(ClusterAdmin::isWhole);
    }

    private static boolean isWhole(TopicPartitionInfo partition) {
        return partition.leader() != null && partition.isr().size() == Cluster.NODES;
    }

    /** Waits until all replicas of a topic are in sync. */
    void awaitInSync(String topic) throws IOException, InterruptedException {
        await("all replicas in sync", topic, ClusterAdmin::isWhole);
    }

    /** Waits until every partition is led by another than a node that is not in sync any more. */
    void awaitWithout(int node, String topic) throws IOException, InterruptedException {
        await(
                "leaders without node " + node,
                topic,
                one ->
                        one.leader() != null
                                && !one.leader().isEmpty()
                                && !isLedBy(node, one)
                                && one.isr().stream().noneMatch(replica -> replica.id() == node));
    }

    private void await(String what, String topic, Predicate<TopicPartitionInfo> of)
            throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!describe(topic).partitions().stream().allMatch(of)) {
            if (System.nanoTime() > deadlineNs) {
                throw new IOException("%s: still not %s".formatted(describe(topic), what));
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    /** Waits until every controller has caught up with the quorum's leader since a time. */
    void awaitQuorum(long sinceMs) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (true) {
            QuorumInfo quorum = quorum();
            boolean all =
                    quorum.voters().size() == Cluster.NODES
                            && quorum.voters().stream()
                                    .allMatch(one ->
                                            one.replicaId() == quorum.leaderId()
                                                    || isSince(one, sinceMs));
            if (all) {
                return;
            }
            if (System.nanoTime() > deadlineNs) {
                throw new IOException("the controllers do not catch up: " + quorum);
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    private static boolean isSince(QuorumInfo.ReplicaState voter, long sinceMs) {
        OptionalLong caughtUpMs = voter.lastCaughtUpTimestamp();
        return caughtUpMs.isPresent() && caughtUpMs.getAsLong() >= sinceMs;
    }

    /** Has every partition led by the first of its replicas, and waits until it is. */
    void preferLeaders(String topic) throws IOException, InterruptedException {
        var all = new HashSet<TopicPartition>();
        for (TopicPartitionInfo one : describe(topic).partitions()) {
            all.add(new TopicPartition(topic, one.partition()));
        }
        var results =
                get("election", () -> admin.electLeaders(ElectionType.PREFERRED, all).partitions());
        var failures = new HashMap<TopicPartition, Throwable>();
        results.forEach((partition, failure) ->
                failure.filter(cause -> !(cause instanceof ElectionNotNeededException))
                        .ifPresent(cause -> failures.put(partition, cause)));
        if (!failures.isEmpty()) {
            throw new IOException("elections failed: " + failures);
        }
        await(
                "led by the preferred replicas",
                topic,
                one -> isLedBy(one.replicas().getFirst().id(), one));
    }

    /** Asks again where a node that has gone was asked. */
    private static <T> T get(String what, Question<T> question)
            throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (true) {
            try {
                return question.ask().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RetriableException)
                        || System.nanoTime() > deadlineNs) {
                    throw new IOException(what + ": " + e.getCause(), e);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            }
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
