package io.millrace.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.transaction.SimulatedServer.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transactional producer as Kafka's are: up to five batches under way, asked again over a new
 * connection when no answer comes. Its epoch rises with every transaction, or it does not
 * (transaction.version 2, or 1). A batch that comes out of sequence is sent again while an earlier
 * one is unanswered; once all earlier ones are acknowledged, a producer takes that for fatal, and
 * here it is a violation.
 */
final class SimulatedClient {
    private static final int MOST_UNDER_WAY = 5;

    final String id;
    final boolean raisesEpoch;
    private final Random random;
    private final SimulatedServer server;
    private final Map<String, Truth> truths;
    private final Map<Integer, Integer> nextSequences = new HashMap<>();
    private final Map<Integer, Integer> acknowledged = new HashMap<>();
    private final Set<Integer> added = new HashSet<>();
    private final List<Sent> underWay = new ArrayList<>();
    private final String name;
    ProducerIdentity identity = ProducerIdentity.NONE;
    private @Nullable Op waitingFor;
    private int waitingForNumber;
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

    /** A batch without an answer yet, in the order of the first sends. */
    private static final class Sent {
        private final Op.Produce batch;
        private int number;
        private boolean again;

        Sent(Op.Produce batch) {
            this.batch = batch;
        }
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
        boolean waits = waitingFor != null || !underWay.isEmpty();
        if (waits && random.nextInt(16) == 0) {
            giveUpWaiting();
        } else if (waitingFor == null) {
            goOn();
        }
    }

    private void goOn() {
        if (mustAbort) {
            underWay.removeIf(sent -> sent.again);
        }
        if (mustInitialize) {
            send(new Op.Initialize(identity));
        } else if (tag == null) {
            begin();
        } else if (mustAbort || random.nextInt(6) == 0) {
            if (underWay.isEmpty()) {
                end(!mustAbort && random.nextInt(4) > 0);
            }
        } else if (underWay.stream().anyMatch(sent -> sent.again)) {
            sendAgain();
        } else if (underWay.size() < MOST_UNDER_WAY) {
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
            return;
        }
        started = true;
        int sequence = nextSequences.merge(partition, 1, Integer::sum) - 1;
        var sent = new Sent(new Op.Produce(partition, sequence, String.valueOf(tag)));
        underWay.add(sent);
        send(sent);
    }

    private void sendAgain() {
        underWay.stream().filter(sent -> sent.again).findFirst().ifPresent(this::send);
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

    private void newSequences() {
        nextSequences.clear();
        acknowledged.clear();
    }

    private void send(Op op) {
        waitingFor = op;
        waitingForNumber = ++ops;
        server.send(this, connection, ops, op);
    }

    private void send(Sent sent) {
        sent.again = false;
        sent.number = ++ops;
        server.send(this, connection, ops, sent.batch);
    }

    /** No answer came: a new connection, and the same again or, of batches, no more. */
    private void giveUpWaiting() {
        reconnect();
        if (!underWay.isEmpty() && random.nextInt(3) == 0) {
            underWay.clear();
            mustAbort = true;
        }
        if (waitingFor != null) {
            send(waitingFor);
        }
    }

    /** Begins a new connection, over which batches without an answer are to be sent again. */
    void reconnect() {
        server.leave(connection);
        connection = server.connect();
        underWay.forEach(sent -> sent.again = true);
    }

    /** An answer has come, perhaps to something that is not waited for any more. */
    void answered(int op, Outcome outcome) {
        for (Sent sent : underWay) {
            if (sent.number == op && !sent.again) {
                answered(sent, outcome.kind());
                return;
            }
        }
        Op asked = waitingFor;
        if (asked == null || op != waitingForNumber) {
            return;
        }
        waitingFor = null;
        switch (outcome.kind()) {
            case DONE -> done(asked, outcome.producer());
            case AGAIN -> send(asked);
            case ABORTABLE, OUT_OF_ORDER -> mustAbort = true;
            case FATAL -> dead = true;
        }
    }

    private void answered(Sent sent, Outcome.Kind kind) {
        int partition = sent.batch.partition();
        switch (kind) {
            case DONE -> {
                underWay.remove(sent);
                acknowledged.merge(partition, sent.batch.sequence() + 1, Math::max);
                truth().acknowledged.merge(partition, 1, Integer::sum);
            }
            case AGAIN -> sent.again = true;
            case OUT_OF_ORDER -> {
                sent.again = true;
                assertThat(acknowledged.getOrDefault(partition, 0))
                        .as("%s of %s was overtaken: out of sequence in its turn", sent.batch, id)
                        .isLessThan(sent.batch.sequence());
            }
            case ABORTABLE -> {
                underWay.remove(sent);
                mustAbort = true;
            }
            case FATAL -> dead = true;
        }
    }

    private void done(Op asked, ProducerIdentity producer) {
        switch (asked) {
            case Op.Initialize initialize -> {
                identity = producer;
                newSequences();
                mustInitialize = false;
                tag = null;
            }
            case Op.Add(int partition) -> added.add(partition);
            case Op.Produce batch -> throw new IllegalStateException("not waited for: " + batch);
            case Op.End(boolean commit) -> {
                truth().commitAnswered |= commit;
                if (raisesEpoch) {
                    identity = producer;
                    newSequences();
                }
                finish();
            }
        }
    }
}
