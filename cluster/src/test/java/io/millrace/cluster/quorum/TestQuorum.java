package io.millrace.cluster.quorum;

import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;

import io.millrace.cluster.quorum.raft.QuorumSettings;
import io.millrace.cluster.quorum.raft.QuorumSettings.Membership;
import io.millrace.cluster.quorum.raft.QuorumSettings.Timing;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;

/** Three voters on this machine, which can be stopped, started, cut off and healed. */
final class TestQuorum implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int VOTERS = 3;

    final Cuts cuts = new Cuts();

    /** What voters without a memory were told, each for itself. */
    final List<Recollection.Outcome> outcomes = new CopyOnWriteArrayList<>();

    private final Path folder;
    private final Timing timing;
    private final Map<Integer, InetSocketAddress> voters = new TreeMap<>();
    private final Map<Integer, TestNode> nodes = new ConcurrentSkipListMap<>();
    private final Map<Integer, InetSocketAddress> learners = new TreeMap<>();

    TestQuorum(Path folder) throws IOException {
        this(folder, VOTERS, new Timing(500, 1000, 200, 500));
    }

    /**
     * @param count how many voters there are to begin with
     */
    TestQuorum(Path folder, int count, Timing timing) throws IOException {
        this.folder = folder;
        this.timing = timing;
        var servers = new TreeMap<Integer, ControllerListener>();
        for (int id = 1; id <= count; id++) {
            var server = new ControllerListener(id, 0, cuts);
            servers.put(id, server);
            voters.put(id, InetSocketAddress.createUnresolved("127.0.0.1", server.port()));
        }
        servers.forEach((id, server) -> nodes.put(id, new TestNode(settings(id), server, link())));
    }

    /** Elections take their time. */
    static ConditionFactory patiently() {
        return await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL);
    }

    private QuorumSettings settings(int id) {
        return settings(id, new Membership(voters, List.of(), voters.get(id), false));
    }

    private QuorumSettings settings(int id, Membership membership) {
        return new QuorumSettings(
                new QuorumSettings.Node(id, new UUID(1, id), "a-cluster"),
                folderOf(id),
                membership,
                timing,
                Map.of());
    }

    private VoterLink link() {
        return new VoterLink() {
            @Override
            public CompletableFuture<Standing> ask(int voter) {
                TestNode asked = nodes.get(voter);
                return asked == null || isCut(asked)
                        ? CompletableFuture.failedFuture(
                                new IOException("node %d is away".formatted(voter)))
                        : asked.standing();
            }

            @Override
            public void told(Recollection.Outcome outcome) {
                outcomes.add(outcome);
            }
        };
    }

    /**
     * Starts a node that learns who votes: from others, or, if it is the first, from nobody. Each
     * start has another address.
     */
    TestNode startLearner(int id, boolean joins) throws IOException {
        var server = new ControllerListener(id, 0, cuts);
        var own = InetSocketAddress.createUnresolved("127.0.0.1", server.port());
        learners.put(id, own);
        var contacts = Stream.concat(voters.values().stream(), learners.values().stream()).limit(1);
        var membership = new Membership(Map.of(), contacts.toList(), own, joins);
        var node = new TestNode(settings(id, membership), server, link());
        nodes.put(id, node);
        return node;
    }

    InetSocketAddress addressOf(int id) {
        return requireNonNull(learners.getOrDefault(id, voters.get(id)));
    }

    Path folderOf(int id) {
        return folder.resolve("node-" + id);
    }

    /** Starts a node: again, or one that is no voter. */
    TestNode start(int id) {
        InetSocketAddress address = voters.get(id);
        int port = address == null ? 0 : address.getPort();
        // The thread that accepted in the life before frees its port a moment after the close.
        var server =
                patiently()
                        .ignoreException(BindException.class)
                        .until(() -> new ControllerListener(id, port, cuts), Objects::nonNull);
        var node = new TestNode(settings(id), server, link());
        nodes.put(id, node);
        return node;
    }

    void stop(TestNode node) {
        nodes.remove(node.id());
        node.close();
    }

    Collection<TestNode> nodes() {
        return nodes.values();
    }

    /** Waits for a leader that is not cut off. */
    TestNode leader() {
        return patiently()
                .until(
                        () ->
                                nodes.values().stream()
                                        .filter(node -> node.leads && !isCut(node))
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private boolean isCut(TestNode node) {
        return cuts.between(node.id(), node.id());
    }

    TestNode follower() {
        TestNode leader = leader();
        return nodes.values().stream().filter(node -> node != leader).findFirst().orElseThrow();
    }

    /** Has a number committed by whoever leads, once; tries again where nothing was taken. */
    void commit(long number) {
        patiently()
                .until(() -> {
                    try {
                        leader().propose(number).get();
                        return true;
                    } catch (ExecutionException e) {
                        if (e.getCause() instanceof NotControllerException) {
                            return false;
                        }
                        throw e;
                    }
                });
    }

    /** All at once: none waits for another to take over. */
    @Override
    public void close() {
        nodes.values().parallelStream().forEach(TestNode::close);
    }
}
