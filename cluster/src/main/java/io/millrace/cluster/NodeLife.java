package io.millrace.cluster;

import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.controller.Command.RegisterNode;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * This node's place among those of the cluster: registers it, has the active controller hear of it,
 * and takes its leave. Its methods may be called from any thread and do not block; what it does, it
 * does on the metadata thread.
 */
public final class NodeLife {
    /** How often it is heard of while it waits to take part, and while it waits to stop. */
    private static final long FENCED_INTERVAL_MS = 100;

    private static final long STOPPING_INTERVAL_MS = 50;

    /**
     * One that wants to stop and is not heard for so long does: there may be no majority of
     * controllers left. Longer than they need to elect another leader.
     */
    private static final long UNHEARD_MS = 5_000;

    /** The same where no node is left that could lead instead of this one. */
    private static final long UNHEARD_AND_ALONE_MS = 1_000;

    /** How long one that may stop waits for others that want to: they may need its vote. */
    private static final long LINGER_MS = 3_000;

    /** How often it tries to register. */
    private static final long REGISTER_INTERVAL_MS = 100;

    private final ControllerClient controller;
    private final Executor thread;
    private final Settings settings;
    private final Consumer<String> refused;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    /** Done once this node may stop, whether or not it was let go; nobody is told of it then. */
    private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();

    private Phase phase = Phase.NEW;
    private long nowMs;

    /** Whether a registration is under way. */
    private boolean registering;

    /** Whether the controller knows the registration, as far as this node has heard. */
    private boolean known;

    private long registerAtMs = Long.MIN_VALUE;

    /** When it was first told that another node has its id; negative if never. */
    private long firstRefusedMs = -1;

    /** Of the newest heartbeat, and when it was sent: older answers count no longer. */
    private long beat;

    private long beatMs;
    private boolean beating;

    /** When this node stops whatever it is told. */
    private long stopMs;

    /** When the controller last answered one that wants to stop, or it began to want. */
    private long answeredMs;

    private enum Phase {
        NEW,
        LIVING,
        LEAVING,
        LINGERING,
        GONE
    }

    /**
     * What this node is, and how often it is heard of.
     *
     * @param node with an incarnation that no start before had, and the id of its data folder
     * @param tailLost whether it may lack records that it has acknowledged
     * @param heartbeatIntervalMs while it takes part; a few of them have to fit into a session
     * @param duplicateMs how long it tries to register while a node with its id and another data
     *     folder takes part; longer than a session, since that may be this node before it lost its
     *     disk
     */
    public record Settings(
            NodeImage node, boolean tailLost, long heartbeatIntervalMs, long duplicateMs) {
        /** How often a node is heard of where nothing is said. */
        public static final long HEARTBEAT_INTERVAL_MS = 2_000;

        /** Where nothing is said. */
        public static final long DUPLICATE_MS = 20_000;

        public Settings(NodeImage node, boolean tailLost) {
            this(node, tailLost, HEARTBEAT_INTERVAL_MS, DUPLICATE_MS);
        }

        /** It takes part once it is heard of, whatever it was given as. */
        private RegisterNode registration() {
            Registration given = node.registration();
            return new RegisterNode(
                    node.with(
                            new Registration(
                                    0, given.incarnation(), given.directory(), true, false)),
                    tailLost);
        }
    }

    /**
     * @param thread the metadata thread
     * @param refused told why, on the metadata thread, if the cluster does not want this node:
     *     another has its id. Nothing is done any more then.
     */
    public NodeLife(
            ControllerClient controller,
            Executor thread,
            Settings settings,
            Consumer<String> refused) {
        this.controller = controller;
        this.thread = thread;
        this.settings = settings;
        this.refused = refused;
    }

    /** Begins: registers the node at the next tick. */
    public void start() {
        thread.execute(() -> phase = phase == Phase.NEW ? Phase.LIVING : phase);
    }

    /** Done when this node takes part and its own image shows it. */
    public CompletableFuture<Void> ready() {
        return ready;
    }

    /**
     * Takes leave: the node's leaderships go to others before it stops. Done with whether it was
     * let go, or with false once that has taken too long, or nobody is there to let it go. Nodes
     * that stop together wait for each other. Needs {@link #tick}.
     */
    public CompletableFuture<Boolean> shutDown(long timeoutMs) {
        thread.execute(() -> {
            if (phase == Phase.NEW) {
                goAway(true);
            } else if (phase == Phase.LIVING) {
                phase = Phase.LEAVING;
                stopMs = nowMs + timeoutMs;
                answeredMs = nowMs;
            }
        });
        return stopped;
    }

    /**
     * Lets time pass. Call every 50 to 100 ms, or the start and the end take longer.
     *
     * @param tickMs milliseconds that only rise
     */
    public void tick(long tickMs) {
        thread.execute(() -> {
            nowMs = tickMs;
            onTick();
        });
    }

    private void onTick() {
        if (phase == Phase.NEW || phase == Phase.GONE) {
            return;
        }
        NodeImage registered = registered();
        if (registered != null && !registered.registration().fenced()) {
            ready.complete(null);
        }
        if (phase == Phase.LINGERING) {
            if (nowMs >= stopMs || !othersLeave()) {
                goAway(true);
            }
        } else if (phase == Phase.LEAVING && (isUnheard() || registered == null)) {
            goAway(registered == null);
        } else if (!known || registered == null) {
            register();
        } else if (isBeatDue(registered)) {
            sendBeat(registered);
        }
    }

    private boolean isUnheard() {
        long patienceMs =
                others().anyMatch(NodeImage::isActive) ? UNHEARD_MS : UNHEARD_AND_ALONE_MS;
        return nowMs >= stopMs || nowMs - answeredMs >= patienceMs;
    }

    private boolean othersLeave() {
        return others().map(NodeImage::registration)
                .anyMatch(other -> other.shuttingDown() && !other.fenced());
    }

    private Stream<NodeImage> others() {
        return controller.image().nodes().values().stream()
                .filter(node -> node.id() != settings.node().id());
    }

    /** This start of the node, as its own image has it; null if it does not. */
    private @Nullable NodeImage registered() {
        NodeImage registered = controller.image().nodes().get(settings.node().id());
        return registered != null
                        && registered
                                .registration()
                                .incarnation()
                                .equals(settings.node().registration().incarnation())
                ? registered
                : null;
    }

    private void register() {
        if (registering || nowMs < registerAtMs) {
            return;
        }
        registering = true;
        registerAtMs = nowMs + REGISTER_INTERVAL_MS;
        var _ =
                controller
                        .submit(List.of(settings.registration()))
                        .whenCompleteAsync((outcome, failure) -> registered(outcome), thread);
    }

    /**
     * @param outcome null if it failed: it is tried again
     */
    private void registered(@Nullable Outcome outcome) {
        registering = false;
        if (outcome == null || phase == Phase.LINGERING || phase == Phase.GONE) {
            return;
        }
        if (outcome.decisions().getFirst() instanceof Refused(Reason reason, String message)) {
            if (reason == Reason.DUPLICATE_NODE && nowMs < duplicateUntilMs()) {
                return;
            }
            goAway(false);
            refused.accept(message);
            return;
        }
        known = true;
        beating = false;
        onTick();
    }

    private long duplicateUntilMs() {
        if (firstRefusedMs < 0) {
            firstRefusedMs = nowMs;
        }
        return firstRefusedMs + settings.duplicateMs();
    }

    private boolean isBeatDue(NodeImage registered) {
        long interval = settings.heartbeatIntervalMs();
        if (phase == Phase.LEAVING) {
            interval = Math.min(interval, STOPPING_INTERVAL_MS);
        } else if (registered.registration().fenced()) {
            interval = Math.min(interval, FENCED_INTERVAL_MS);
        }
        long waitMs = beating ? settings.heartbeatIntervalMs() : interval;
        return beat == 0 || nowMs - beatMs >= waitMs;
    }

    /**
     * The last one's answer is not waited for longer than an interval: its controller may be gone.
     */
    private void sendBeat(NodeImage registered) {
        beat++;
        beatMs = nowMs;
        beating = true;
        long sent = beat;
        var heartbeat =
                new Heartbeat(
                        settings.node().id(),
                        registered.registration().epoch(),
                        controller.image().endOffset(),
                        false,
                        phase == Phase.LEAVING);
        var _ =
                controller
                        .heartbeat(heartbeat)
                        .whenCompleteAsync((answer, failure) -> heard(sent, answer), thread);
    }

    /**
     * @param answer null if there was none
     */
    private void heard(long sent, @Nullable Beat answer) {
        if (sent != beat) {
            return;
        }
        beating = false;
        if (answer == null || phase == Phase.LINGERING || phase == Phase.GONE) {
            return;
        }
        answeredMs = nowMs;
        if (!answer.known()) {
            known = false;
            if (phase == Phase.LEAVING) {
                goAway(true);
            }
        } else if (phase == Phase.LEAVING && answer.mayStop()) {
            phase = Phase.LINGERING;
            stopMs = Math.min(stopMs, nowMs + LINGER_MS);
            onTick();
        }
    }

    private void goAway(boolean letGo) {
        phase = Phase.GONE;
        stopped.complete(letGo);
    }
}
