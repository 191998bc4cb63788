package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.SharedMetadataLog.Member;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.peer.Ask;
import io.millrace.cluster.proto.MetadataRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Three nodes, their links, and a clock. Everything that happens is an event of one queue. */
final class ForwardingWorld {
    static final long SESSION_MS = 9_000;
    static final int NODES = 3;
    private static final long TICK_MS = 100;
    private static final long LIFE_TICK_MS = 50;
    private static final long LINK_TIMEOUT_MS = 500;

    final Random random;
    final SharedMetadataLog log = new SharedMetadataLog();
    final List<Node> nodes = new ArrayList<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::atMs).thenComparingLong(Event::order));

    /** Whether messages are lost, and batches and leaders heard of late. */
    boolean calm;

    long played;
    private long nowMs = 1_000;
    private long order;

    private record Event(long atMs, long order, Runnable task) {}

    ForwardingWorld(long seed) {
        random = new Random(seed);
        for (int id = 1; id <= NODES; id++) {
            nodes.add(new Node(id));
        }
        nodes.forEach(Node::start);
    }

    /** A node: its metadata, its life, and what the test knows of both. */
    final class Node implements ControllerClient {
        final int id;
        final Member member;
        final MetadataService service;
        final NodeLife life;
        final Set<Integer> cutFrom = new HashSet<>();

        /** When this node, as the controller, last heard of each. */
        private final Map<Integer, Long> heardMs = new HashMap<>();

        private long leadsSinceMs;

        boolean silent;

        Node(int id) {
            this.id = id;
            member = log.join(id, this::proposed);
            service =
                    new MetadataService(
                            member,
                            ForwardingWorld.this::soon,
                            new ControllerSettings("c", id, Policy.DEFAULT, SESSION_MS, 5_000, 0),
                            (to, request) -> send(this, to, request),
                            () -> nowMs);
            var node =
                    new NodeImage(
                            id,
                            "host",
                            9092,
                            "",
                            new Registration(0, randomId(), randomId(), true, false));
            life =
                    new NodeLife(
                            this,
                            ForwardingWorld.this::soon,
                            new NodeLife.Settings(node, false),
                            why -> {
                                throw new AssertionError(
                                        "node %d is refused: %s".formatted(id, why));
                            });
        }

        private void start() {
            service.start();
            life.start();
            every(TICK_MS, service::tick);
            every(
                    LIFE_TICK_MS,
                    () -> {
                        if (!silent) {
                            life.tick(nowMs);
                        }
                    });
            every(1, this::follow);
        }

        /** Commits, hears of batches and of leaders; at once in calm times. */
        private void follow() {
            if (calm || random.nextInt(10) == 0) {
                member.commit(1 + random.nextInt(4));
            }
            if (calm || random.nextInt(40) == 0) {
                member.hear(1 + random.nextInt(4));
            }
            if (calm || random.nextInt(300) == 0) {
                member.hearOfLeader();
            }
            if (!calm && random.nextInt(5_000) == 0) {
                member.loseLeader();
            }
            if (!calm && random.nextInt(5_000) == 0 && !member.believesToLead()) {
                member.restore();
            }
        }

        void lead(int kept) {
            log.elect(member, kept);
            leadsSinceMs = nowMs;
            heardMs.clear();
        }

        /** A node is not fenced while this one, that leads, hears of it. */
        private void proposed(int proposer, List<MetadataRecord> records) {
            for (MetadataRecord record : records) {
                if (record.hasNodeChanged()
                        && record.getNodeChanged().getFenced()
                        && !record.getNodeChanged().getShuttingDown()) {
                    long heard =
                            heardMs.getOrDefault(record.getNodeChanged().getNodeId(), leadsSinceMs);
                    assertThat(nowMs - heard)
                            .as("node %d is fenced", record.getNodeChanged().getNodeId())
                            .isGreaterThanOrEqualTo(SESSION_MS);
                }
            }
        }

        private CompletableFuture<ByteString> serve(ByteString request) {
            if (member.believesToLead() && Ask.decode(request) instanceof Ask.Beating(var beat)) {
                hears(beat);
            }
            return service.serve(request);
        }

        private void hears(Heartbeat beat) {
            NodeImage known = service.image().nodes().get(beat.node());
            if (known != null && known.registration().epoch() == beat.nodeEpoch()) {
                heardMs.put(beat.node(), nowMs);
            }
        }

        @Override
        public ClusterImage image() {
            return service.image();
        }

        @Override
        public CompletableFuture<Outcome> submit(List<? extends Command> commands) {
            return service.submit(commands);
        }

        @Override
        public CompletableFuture<Beat> heartbeat(Heartbeat beat) {
            if (member.believesToLead()) {
                hears(beat);
            }
            return service.heartbeat(beat);
        }
    }

    long nowMs() {
        return nowMs;
    }

    UUID randomId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    Node randomNode() {
        return nodes.get(random.nextInt(nodes.size()));
    }

    private void soon(Runnable task) {
        in(0, task);
    }

    void in(long delayMs, Runnable task) {
        events.add(new Event(nowMs + delayMs, order++, task));
    }

    private void every(long intervalMs, Runnable task) {
        in(
                intervalMs,
                () -> {
                    task.run();
                    every(intervalMs, task);
                });
    }

    /** Plays what happens in so long a time. */
    void run(long ms) {
        long endMs = nowMs + ms;
        for (Event next = events.peek();
                next != null && next.atMs() <= endMs;
                next = events.peek()) {
            events.remove();
            nowMs = next.atMs();
            next.task().run();
            played++;
        }
        nowMs = endMs;
    }

    /** Carries a request and its answer; either may be lost, and then the sender hears it late. */
    private CompletableFuture<ByteString> send(Node from, int to, ByteString request) {
        var answered = new CompletableFuture<ByteString>();
        in(
                LINK_TIMEOUT_MS,
                () -> answered.completeExceptionally(new IOException("no answer came")));
        if (isLost(from, to)) {
            return answered;
        }
        in(
                delayMs(),
                () -> {
                    var _ =
                            nodes.get(to - 1)
                                    .serve(request)
                                    .whenComplete((answer, failure) -> {
                                        assertThat(failure).isNull();
                                        if (!isLost(from, to)) {
                                            in(delayMs(), () -> answered.complete(answer));
                                        }
                                    });
                });
        return answered;
    }

    private boolean isLost(Node from, int to) {
        return !calm && (from.cutFrom.contains(to) || random.nextInt(8) == 0);
    }

    private long delayMs() {
        return 1L + random.nextInt(calm ? 3 : 60);
    }
}
