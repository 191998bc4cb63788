package io.millrace.bench.torture.node;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/** Asks a cluster who takes part in it, and who is in sync. */
public final class Sync implements AutoCloseable {
    /** One look may meet a node that has not heard of the latest yet. */
    private static final int LOOKS = 3;

    private static final long BETWEEN_LOOKS_MS = 600;

    private final Admin admin;
    private final int nodes;

    public Sync(String bootstrap, int nodes) {
        this.nodes = nodes;
        admin =
                Admin.create(
                        Map.of(
                                "bootstrap.servers",
                                bootstrap,
                                "request.timeout.ms",
                                2_000,
                                "default.api.timeout.ms",
                                4_000,
                                "reconnect.backoff.max.ms",
                                500,
                                "enable.metrics.push",
                                false));
    }

    /**
     * Waits until every node takes part and every replica of every partition is in sync.
     *
     * @return what is not, once it has taken too long
     */
    public Optional<String> await(long forMs) throws InterruptedException {
        long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(forMs);
        int good = 0;
        while (true) {
            Optional<String> missing = missing();
            good = missing.isEmpty() ? good + 1 : 0;
            if (good == LOOKS) {
                return Optional.empty();
            }
            if (System.nanoTime() > untilNs && missing.isPresent()) {
                return missing;
            }
            TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MS);
        }
    }

    private Optional<String> missing() throws InterruptedException {
        try {
            List<Integer> present = present();
            if (present.size() < nodes) {
                return Optional.of("only the nodes %s take part".formatted(present));
            }
            var behind = new ArrayList<String>();
            for (TopicDescription topic : topics()) {
                for (TopicPartitionInfo one : topic.partitions()) {
                    if (one.leader() == null || one.isr().size() < one.replicas().size()) {
                        behind.add(
                                "%s-%d (in sync: %s)"
                                        .formatted(topic.name(), one.partition(), ids(one.isr())));
                    }
                }
            }
            return behind.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            "%d partitions, as %s".formatted(behind.size(), behind.getFirst()));
        } catch (ExecutionException e) {
            return Optional.of("no node says: " + e.getMessage());
        }
    }

    private static List<Integer> ids(Collection<Node> nodes) {
        return nodes.stream().map(Node::id).sorted().toList();
    }

    private Collection<TopicDescription> topics() throws InterruptedException, ExecutionException {
        var all = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
        return admin.describeTopics(all).allTopicNames().get().values();
    }

    /** The nodes that take part. */
    private List<Integer> present() throws InterruptedException, ExecutionException {
        return ids(admin.describeCluster().nodes().get());
    }

    /** Waits until a node takes no part any more; whether it came to that. */
    public boolean awaitGone(int node, long forMs) throws InterruptedException {
        long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(forMs);
        int good = 0;
        while (good < LOOKS && System.nanoTime() < untilNs) {
            try {
                good = present().contains(node) ? 0 : good + 1;
            } catch (ExecutionException e) {
                // Nobody can say just now.
                good = 0;
            }
            TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MS);
        }
        return good == LOOKS;
    }

    /** The nodes of every partition by the name of its folder; waits for an answer. */
    public Map<String, List<Integer>> replicas() throws InterruptedException, ExecutionException {
        var replicas = new TreeMap<String, List<Integer>>();
        for (TopicDescription topic : topics()) {
            for (TopicPartitionInfo one : topic.partitions()) {
                replicas.put(topic.name() + "-" + one.partition(), ids(one.replicas()));
            }
        }
        return replicas;
    }

    @Override
    public void close() {
        admin.close();
    }
}
