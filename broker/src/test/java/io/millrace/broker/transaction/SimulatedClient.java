package io.millrace.broker.transaction;

import io.millrace.broker.transaction.SimulatedServer.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transactional producer as Kafka's are: one request at a time, asked again over a new connection
 * when no answer comes. Its epoch rises with every transaction, or it does not (transaction.version
 * 2, or 1).
 */
final class SimulatedClient {
    final String id;
    final boolean raisesEpoch;
    private final Random random;
    private final SimulatedServer server;
    private final Map<String, Truth> truths;
    private final Map<Integer, Integer> sequences = new HashMap<>();
    private final Set<Integer> added = new HashSet<>();
    private final String name;
    ProducerIdentity identity = ProducerIdentity.NONE;
    private @Nullable Op waitingFor;
    private @Nullable String tag;
    private int transactions;
    private int ops;
    private long connection;
    private boolean started;
    private boolean mustAbort;
    private boolean mustInitialize = true;
    boolean dead;

    /** What a client knows of one of its transactions. */
    static final class Truth {
        final Map<Integer, Integer> acknowledged = new HashMap<>();
        boolean commitAsked;
        boolean commitAnswered;
    }

    /** What a client asks, and asks again. */
    sealed interface Op {
        record Initialize(ProducerIdentity expected) implements Op {}

        record Add(int partition) implements Op {}

        record Produce(int partition, int sequence, String tag) implements Op {}

        record End(boolean commit) implements Op {}
    }

    SimulatedClient(
            String id,
            boolean raisesEpoch,
            Random random,
            SimulatedServer server,
            Map<String, Truth> truths) {
        this.id = id;
        this.raisesEpoch = raisesEpoch;
        this.random = random;
        this.server = server;
        this.truths = truths;
        this.connection = server.connect();
        this.name = id + "." + connection;
    }

    void act() {
        if (waitingFor != null) {
            if (random.nextInt(12) == 0) {
                giveUpWaiting(waitingFor);
            }
            return;
        }
        if (mustInitialize) {
            send(new Op.Initialize(identity));
        } else if (tag == null) {
            begin();
        } else if (mustAbort) {
            end(false);
        } else if (random.nextInt(4) == 0) {
            end(random.nextInt(4) > 0);
        } else {
            write(random.nextInt(SimulatedServer.PARTITIONS));
        }
    }

    private void begin() {
        tag = name + "-" + transactions++;
        truths.put(tag, new Truth());
        added.clear();
        started = false;
        mustAbort = false;
    }

    private void write(int partition) {
        if (!raisesEpoch && !added.contains(partition)) {
            send(new Op.Add(partition));
        } else {
            started = true;
            send(
                    new Op.Produce(
                            partition, sequences.getOrDefault(partition, 0), String.valueOf(tag)));
        }
    }

    private void end(boolean commit) {
        if (!started && added.isEmpty()) {
            finish();
            return;
        }
        truth().commitAsked |= commit;
        send(new Op.End(commit));
    }

    private Truth truth() {
        return truths.computeIfAbsent(String.valueOf(tag), key -> new Truth());
    }

    private void finish() {
        tag = null;
        mustInitialize |= mustAbort && !raisesEpoch;
        mustAbort = false;
    }

    private void send(Op op) {
        waitingFor = op;
        server.send(this, connection, ++ops, op);
    }

    /** No answer came: a new connection, and the same again or, of a produce, no more. */
    private void giveUpWaiting(Op op) {
        reconnect();
        if (op instanceof Op.Produce && random.nextInt(3) == 0) {
            waitingFor = null;
            mustAbort = true;
        } else {
            send(op);
        }
    }

    void reconnect() {
        server.leave(connection);
        connection = server.connect();
    }

    /** An answer has come, perhaps to something that is not waited for any more. */
    void answered(int op, Outcome outcome) {
        Op asked = waitingFor;
        if (asked == null || op != ops) {
            return;
        }
        waitingFor = null;
        switch (outcome.kind()) {
            case DONE -> done(asked, outcome.producer());
            case AGAIN -> send(asked);
            case ABORTABLE -> mustAbort = true;
            case FATAL -> dead = true;
        }
    }

    private void done(Op asked, ProducerIdentity producer) {
        switch (asked) {
            case Op.Initialize initialize -> {
                identity = producer;
                sequences.clear();
                mustInitialize = false;
                tag = null;
            }
            case Op.Add(int partition) -> added.add(partition);
            case Op.Produce(int partition, int sequence, String written) -> {
                sequences.put(partition, sequence + 1);
                truth().acknowledged.merge(partition, 1, Integer::sum);
            }
            case Op.End(boolean commit) -> {
                truth().commitAnswered |= commit;
                if (raisesEpoch) {
                    identity = producer;
                    sequences.clear();
                }
                finish();
            }
        }
    }
}
