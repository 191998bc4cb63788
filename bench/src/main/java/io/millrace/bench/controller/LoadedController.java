package io.millrace.bench.controller;

import io.millrace.cluster.ControllerSettings;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** A node's metadata service on a quorum in memory, which decides when it is asked to. */
final class LoadedController {
    private static final long SESSION_MS = 9_000;
    private static final int NO_BALANCE = 0;

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final MemoryQuorum quorum = new MemoryQuorum();
    private final MetadataService service =
            new MetadataService(
                    quorum,
                    tasks::add,
                    new ControllerSettings(
                            "bench", 0, Policy.DEFAULT, SESSION_MS, NO_BALANCE, NO_BALANCE),
                    (node, request) -> {
                        throw new IllegalStateException("there is no other node");
                    },
                    () -> 0);

    LoadedController() {
        service.start();
    }

    MemoryQuorum quorum() {
        return quorum;
    }

    ClusterImage image() {
        return service.image();
    }

    /** Leads from now on, and does what an active controller does first. */
    void takeOver(int epoch) {
        quorum.listener().leading(epoch);
        service.tick();
        runTasks();
    }

    /** Does what was put off. */
    void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Has a command decided and applied. What was put off, as snapshots are, stays so. */
    void submit(Command command) {
        var outcome = service.submit(List.of(command));
        while (!outcome.isDone()) {
            tasks.remove().run();
        }
        if (outcome.join().decisions().getFirst() instanceof Refused refused) {
            throw new IllegalStateException("%s was refused: %s".formatted(command, refused));
        }
    }

    /** Registers the brokers and creates the topics of a cluster. */
    void fill(ClusterShape shape) {
        takeOver(1);
        for (int id = 1; id <= shape.brokers(); id++) {
            var registration = new Registration(0, new UUID(1, id), new UUID(2, id), false, false);
            submit(
                    new Command.RegisterNode(
                            new NodeImage(id, "broker-" + id, 9092, shape.rack(id), registration)));
        }
        List<List<List<Integer>>> topics = shape.replicas();
        for (int i = 0; i < topics.size(); i++) {
            List<List<Integer>> replicas = topics.get(i);
            submit(
                    new Command.CreateTopic(
                            new UUID(3, i), "topic-" + i, replicas.size(), 3, replicas, Map.of()));
        }
        runTasks();
    }

    /** A broker falls silent. */
    void fence(int broker) {
        NodeImage node = Objects.requireNonNull(image().nodes().get(broker));
        submit(new Command.ChangeNode(broker, node.registration().epoch(), true, false));
    }
}
