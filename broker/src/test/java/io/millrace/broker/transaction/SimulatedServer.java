package io.millrace.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.loop.Admissions;
import io.millrace.broker.shard.Step;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.broker.simulation.Planted;
import io.millrace.broker.transaction.SimulatedClient.Op;
import io.millrace.storage.producer.Decision;
import io.millrace.storage.producer.EndDecision;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator and its partitions. What is sent over one connection, or from one part to another,
 * arrives in order; everything else in any. Requests of a connection that its client has left may
 * arrive as late as they like.
 */
final class SimulatedServer {
    static final int PARTITIONS = 3;
    private static final String CLIENT = "client ";
    static final int TIMEOUT_MS = 4000;
    private static final TransactionLimits LIMITS = new TransactionLimits(10_000, 100_000);

    final Random random;
    private final Planted planted;
    final List<SimulatedPartition> partitions = new ArrayList<>();
    private final List<StoredRecord> log = new ArrayList<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final Map<String, Deque<Runnable>> channels = new TreeMap<>();
    private final Map<String, List<ProducerIdentity>> granted = new HashMap<>();
    TransactionShard<Consumer<TransactionReply>> shard = new TransactionShard<>(LIMITS);
    private final Set<String> left = new HashSet<>();
    private final SimulatedConnections connections = new SimulatedConnections();
    private final Map<Long, Consumer<TransactionReply>> verifying = new TreeMap<>();
    private long questions;
    private int committed;
    private int coordinatorEpoch;
    private long producerIds = 100;
    long nowMs;
    boolean peace;

    /** How a request ended, as far as its client cares. */
    record Outcome(Kind kind, ProducerIdentity producer) {
        enum Kind {
            DONE,
            AGAIN,
            ABORTABLE,
            OUT_OF_ORDER,
            FATAL
        }

        static Outcome of(Kind kind) {
            return new Outcome(kind, ProducerIdentity.NONE);
        }
    }

    private record Pending(
            int end, Step<Consumer<TransactionReply>, TransactionReply, WriteMarkers> step) {}

    SimulatedServer(Random random, Planted planted) {
        this.random = random;
        this.planted = planted;
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new SimulatedPartition(new Participant("t", i)));
        }
    }

    /** Makes an id that has used up most of its epochs. */
    void grown(String id, int epoch) {
        var transaction =
                new Transaction<Consumer<TransactionReply>>(
                        id,
                        new Transaction.Stored(
                                TransactionState.EMPTY,
                                new ProducerIdentity(producerIds++, (short) epoch),
                                ProducerIdentity.NONE,
                                TransactionRequest.NO_ID,
                                TIMEOUT_MS,
                                Transaction.NO_TIME,
                                nowMs,
                                false));
        log.add(TransactionRecords.of(transaction));
        committed = log.size();
        load();
    }

    /** A connection that its client has given up: what is under way there may take long. */
    void leave(long connection) {
        left.add(CLIENT + connection);
    }

    long connect() {
        return connections.connect();
    }

    /** One thing happens somewhere. */
    void step() {
        nowMs += random.nextInt(20);
        int chance = random.nextInt(100);
        if (chance < 70) {
            deliver();
        } else if (chance < 82) {
            flushCoordinator();
        } else if (chance < 96) {
            partitions.get(random.nextInt(PARTITIONS)).flush();
        } else {
            take(shard.tick(nowMs));
        }
    }

    private void post(String channel, Runnable message) {
        channels.computeIfAbsent(channel, key -> new ArrayDeque<>()).add(message);
    }

    private void deliver() {
        if (channels.isEmpty()) {
            return;
        }
        var names = List.copyOf(channels.keySet());
        String name = names.get(random.nextInt(names.size()));
        if (!peace && left.contains(name) && random.nextInt(20) > 0) {
            return;
        }
        Deque<Runnable> channel = Objects.requireNonNull(channels.get(name));
        Runnable message = channel.remove();
        if (channel.isEmpty()) {
            channels.remove(name);
        }
        message.run();
    }

    boolean isIdle() {
        return channels.isEmpty()
                && pending.isEmpty()
                && partitions.stream().allMatch(SimulatedPartition::isFlushed);
    }

    /** A client's request; it, or the answer, may be lost with its connection. */
    void send(SimulatedClient client, long connection, int number, Op op) {
        if (!peace && random.nextInt(25) == 0) {
            connections.breakDown(connection);
        }
        if (connections.isBroken(connection)) {
            return;
        }
        ProducerIdentity identity = client.identity;
        Consumer<Outcome> answer =
                outcome -> {
                    if (!peace && random.nextInt(20) == 0) {
                        connections.breakDown(connection);
                    }
                    if (!connections.isBroken(connection)) {
                        post("answers " + connection, () -> client.answered(number, outcome));
                    }
                };
        post(
                CLIENT + connection,
                () -> {
                    var inTurn = connections.received(connection, answer);
                    receive(client, identity, connection, op, inTurn);
                });
    }

    private void receive(
            SimulatedClient client,
            ProducerIdentity identity,
            long connection,
            Op op,
            Consumer<Outcome> answer) {
        switch (op) {
            case Op.Initialize(ProducerIdentity expected) ->
                    ask(
                            new TransactionRequest.Initialize(
                                    client.id, TIMEOUT_MS, expected, TransactionRequest.NO_ID),
                            reply -> {
                                if (reply.error() == TransactionError.NONE) {
                                    sessionBegins(client.id, reply);
                                }
                                answer.accept(outcomeOf(reply));
                            });
            case Op.Add(int partition) ->
                    ask(
                            new TransactionRequest.Add(
                                    client.id,
                                    identity,
                                    List.of(partitions.get(partition).name),
                                    connection),
                            reply -> answer.accept(outcomeOf(reply)));
            case Op.End(boolean commit) ->
                    ask(
                            new TransactionRequest.End(
                                    client.id,
                                    identity,
                                    commit,
                                    client.raisesEpoch,
                                    connection,
                                    TransactionRequest.NO_ID),
                            reply -> answer.accept(outcomeOf(reply)));
            case Op.Produce(int partition, int sequence, String tag) ->
                    produce(
                            partitions.get(partition),
                            client,
                            new Write(identity, sequence, tag),
                            answer);
        }
    }

    private record Write(ProducerIdentity producer, int sequence, String tag) {}

    /** From now on no other identity may write. */
    private void sessionBegins(String id, TransactionReply reply) {
        if (reply instanceof TransactionReply.Identified identified) {
            granted.computeIfAbsent(id, key -> new ArrayList<>()).add(identified.producer());
        }
    }

    private static Outcome outcomeOf(TransactionReply reply) {
        ProducerIdentity producer =
                reply instanceof TransactionReply.Identified identified
                        ? identified.producer()
                        : ProducerIdentity.NONE;
        return new Outcome(
                switch (reply.error()) {
                    case NONE -> Outcome.Kind.DONE;
                    case CONCURRENT_TRANSACTIONS,
                            COORDINATOR_NOT_AVAILABLE,
                            COORDINATOR_LOAD_IN_PROGRESS,
                            NOT_COORDINATOR ->
                            Outcome.Kind.AGAIN;
                    case TRANSACTION_ABORTABLE -> Outcome.Kind.ABORTABLE;
                    case INVALID_PRODUCER_ID_MAPPING,
                            INVALID_TRANSACTION_TIMEOUT,
                            INVALID_TXN_STATE,
                            PRODUCER_FENCED ->
                            Outcome.Kind.FATAL;
                },
                producer);
    }

    private void ask(TransactionRequest request, Consumer<TransactionReply> then) {
        Consumer<TransactionReply> reply =
                answer -> {
                    if (answer instanceof TransactionReply.NeedsProducerId) {
                        post("ids", () -> ask(withId(request), then));
                    } else {
                        then.accept(answer);
                    }
                };
        take(shard.handle(reply, request, nowMs));
    }

    private TransactionRequest withId(TransactionRequest request) {
        long id = producerIds++;
        return switch (request) {
            case TransactionRequest.Initialize asked ->
                    new TransactionRequest.Initialize(
                            asked.transactionalId(), asked.timeoutMs(), asked.producer(), id);
            case TransactionRequest.End asked ->
                    new TransactionRequest.End(
                            asked.transactionalId(),
                            asked.producer(),
                            asked.commit(),
                            asked.raisesEpoch(),
                            asked.connection(),
                            id);
            default -> throw new IllegalArgumentException("no id for " + request);
        };
    }

    private void take(Step<Consumer<TransactionReply>, TransactionReply, WriteMarkers> step) {
        log.addAll(step.records());
        pending.add(new Pending(log.size(), step));
    }

    private void flushCoordinator() {
        committed = log.size();
        int epoch = coordinatorEpoch;
        for (Pending first = pending.poll(); first != null; first = pending.poll()) {
            first.step().replies().forEach(reply -> reply.request().accept(reply.reply()));
            first.step().effects().forEach(effect -> tell(effect, epoch));
        }
    }

    private void tell(WriteMarkers markers, int epoch) {
        for (Participant participant : markers.participants()) {
            SimulatedPartition partition = partitions.get(participant.partition());
            post(
                    "marker " + epoch + " " + participant.partition(),
                    () -> marker(partition, markers, epoch));
        }
    }

    private void marker(SimulatedPartition partition, WriteMarkers markers, int epoch) {
        if (!peace && random.nextInt(8) == 0) {
            answer(partition, markers, epoch, false);
            return;
        }
        var end =
                new TransactionEnd(
                        markers.producer().id(),
                        markers.producer().epoch(),
                        epoch,
                        markers.commit() != isToldTheOpposite(partition),
                        markers.raisesEpoch());
        EndDecision decision = partition.end(end, nowMs);
        boolean stale =
                decision == EndDecision.STALE_COORDINATOR || decision == EndDecision.STALE_EPOCH;
        boolean forgotten = !peace && random.nextInt(8) == 0;
        if (stale || forgotten) {
            answer(partition, markers, epoch, stale);
        } else {
            partition.whenDurable(() -> answer(partition, markers, epoch, true));
        }
    }

    private boolean isToldTheOpposite(SimulatedPartition partition) {
        return planted == Planted.TRANSACTION_TORN && partition == partitions.getFirst();
    }

    private void answer(
            SimulatedPartition partition, WriteMarkers markers, int epoch, boolean done) {
        var answer =
                new MarkerAnswer(
                        markers.transactionalId(), markers.producer(), partition.name, done);
        post(
                "answer " + epoch + " " + partition.name.partition(),
                () -> {
                    if (epoch == coordinatorEpoch) {
                        take(shard.answered(answer, nowMs));
                    }
                });
    }

    private void produce(
            SimulatedPartition partition,
            SimulatedClient client,
            Write write,
            Consumer<Outcome> answer) {
        ProducerBatch batch = partition.batch(write.producer(), write.sequence());
        Admissions admissions = partition.admissions;
        if (admissions.isUnderWay(batch.producerId())) {
            admissions.behind(batch.producerId(), () -> produce(partition, client, write, answer));
            return;
        }
        if (!partition.states.needsVerification(batch)) {
            append(partition, client, write, null, answer);
            return;
        }
        boolean ordered = planted != Planted.BATCH_OVERTAKEN;
        if (ordered) {
            admissions.begin(batch.producerId());
        }
        long number = partition.states.beginVerification(batch);
        var verification = new Verification(number, client.raisesEpoch);
        long question = questions++;
        Consumer<TransactionReply> decide =
                reply -> {
                    if (reply.error() == TransactionError.NONE) {
                        append(partition, client, write, verification, answer);
                    } else {
                        partition.states.verificationFailed(batch, number);
                        answer.accept(outcomeOf(reply));
                    }
                    if (ordered) {
                        admissions.end(batch.producerId());
                    }
                };
        Consumer<TransactionReply> verified =
                reply -> {
                    if (verifying.remove(question) != null) {
                        post("verified " + partition.name.partition(), () -> decide.accept(reply));
                    }
                };
        verifying.put(question, verified);
        TransactionRequest request =
                client.raisesEpoch
                        ? new TransactionRequest.Add(
                                client.id,
                                write.producer(),
                                List.of(partition.name),
                                TransactionRequest.ANY_CONNECTION)
                        : new TransactionRequest.Verify(
                                client.id, write.producer(), partition.name);
        post("verify " + partition.name.partition(), () -> ask(request, verified));
    }

    private void append(
            SimulatedPartition partition,
            SimulatedClient client,
            Write write,
            @Nullable Verification verification,
            Consumer<Outcome> answer) {
        ProducerBatch batch = partition.batch(write.producer(), write.sequence());
        switch (partition.append(batch, verification, write.tag())) {
            case Decision.Fresh fresh -> {
                assertNotFenced(client.id, write);
                partition.whenDurable(() -> answer.accept(Outcome.of(Outcome.Kind.DONE)));
            }
            case Decision.Repeated repeated ->
                    partition.whenDurable(() -> answer.accept(Outcome.of(Outcome.Kind.DONE)));
            case Decision.Fenced fenced -> answer.accept(Outcome.of(Outcome.Kind.FATAL));
            case Decision.OutOfOrder gap -> answer.accept(Outcome.of(Outcome.Kind.OUT_OF_ORDER));
            case Decision.NotInTransaction not -> answer.accept(Outcome.of(Outcome.Kind.ABORTABLE));
        }
    }

    private void assertNotFenced(String id, Write write) {
        for (ProducerIdentity session : granted.getOrDefault(id, List.of())) {
            boolean older =
                    write.producer().id() != session.id()
                            ? write.producer().id() < session.id()
                            : write.producer().epoch() < session.epoch();
            assertThat(older)
                    .as("%s has written as %s, after %s was told", id, write.producer(), session)
                    .isFalse();
        }
    }

    /** The process dies, with all that is under way and all that is not durable. */
    void crash() {
        channels.clear();
        connections.crash();
        verifying.clear();
        partitions.forEach(SimulatedPartition::crash);
        load();
    }

    /** Another node takes the coordinator's place; what the old one has sent is still under way. */
    void moveCoordinator() {
        for (int i = 0; i < PARTITIONS; i++) {
            left.add("marker " + coordinatorEpoch + " " + i);
        }
        coordinatorEpoch++;
        channels.keySet().removeIf(this::isLostWithItsConnection);
        load();
        var nobody = new TransactionReply.Plain(TransactionError.NOT_COORDINATOR);
        List.copyOf(verifying.values()).forEach(asked -> asked.accept(nobody));
    }

    private boolean isLostWithItsConnection(String channel) {
        boolean client = channel.startsWith(CLIENT);
        if (client) {
            connections.breakDown(Long.parseLong(channel.substring(CLIENT.length())));
        }
        return client;
    }

    private void load() {
        pending.clear();
        while (log.size() > committed) {
            log.removeLast();
        }
        shard = new TransactionShard<>(LIMITS);
        try {
            for (StoredRecord record : log) {
                shard.replay(record, nowMs);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a record of the coordinator's cannot be read", e);
        }
        take(shard.loaded(nowMs));
    }

    /** Without clients and faults everything comes to its end. */
    void calmDown() {
        peace = true;
        for (int round = 0; round < 3; round++) {
            nowMs += TIMEOUT_MS + 1;
            take(shard.tick(nowMs));
            int left = 20_000;
            do {
                deliver();
                flushCoordinator();
                partitions.forEach(SimulatedPartition::flush);
                take(shard.tick(nowMs += 10));
                flushCoordinator();
            } while (!isIdle() && left-- > 0);
        }
    }
}
