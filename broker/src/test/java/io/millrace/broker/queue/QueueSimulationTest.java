package io.millrace.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.Acquisition;
import io.millrace.broker.queue.model.OffsetRange;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueSettings;
import io.millrace.broker.queue.model.QueueSettings.Extras;
import io.millrace.broker.queue.model.QueueSettings.Locks;
import io.millrace.broker.queue.model.QueueSettings.Retry;
import io.millrace.broker.queue.model.Scan;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.Acquired;
import io.millrace.broker.queue.partition.Held;
import io.millrace.broker.simulation.Planted;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Consumers that fetch, acknowledge, lie, repeat themselves, fall silent and go, whose answers get
 * lost, of a queue that restarts from any part of what it had not committed, and that may have been
 * begun at an offset before anybody had joined. After every event: no record is accepted twice or
 * lost; none before that offset is handed out, wherever who joins later would begin; delivery
 * counts are exact; a record has one holder, and none before its time or after its end; a key's
 * records come one at a time and in order; the start does not go back; whoever found nothing is
 * woken when there is something; and the log says what the machine knows. Left in peace, everything
 * is finished.
 */
final class QueueSimulationTest {
    private static final int SEEDS = 1500;
    private static final int STEPS = 220;
    private static final int LOCK_MS = 1000;

    @Test
    @Tag("simulation")
    void queuesKeepTheirPromisesThroughLossSilenceAndCrashes() {
        Seeds.each(SEEDS, seed -> new Run(seed, Planted.NONE).steps());
    }

    @Test
    void aRecordThatIsDeliveredAfterItsAcceptanceIsCaught() throws Exception {
        Planted.RECORD_ACKNOWLEDGED_TWICE.isCaughtAs(
                "accepted before",
                seed -> new Run(seed, Planted.RECORD_ACKNOWLEDGED_TWICE).steps());
    }

    @Test
    void aRecordThatNobodyGetsIsCaught() throws Exception {
        Planted.RECORD_LOST.isCaughtAs(
                "is lost", seed -> new Run(seed, Planted.RECORD_LOST).steps());
    }

    @Test
    void aDeliveryThatIsNotCountedIsCaught() throws Exception {
        Planted.DELIVERY_COUNT_WRONG.isCaughtAs(
                "deliveries of", seed -> new Run(seed, Planted.DELIVERY_COUNT_WRONG).steps());
    }

    private static QueueSettings settings(long seed) {
        var random = new Random(~seed);
        boolean plain = random.nextBoolean();
        return new QueueSettings(
                new Locks(5 + random.nextInt(40), LOCK_MS, 2 + random.nextInt(4), true),
                random.nextBoolean() ? Retry.NONE : new Retry(50, 700, 2, 0.5),
                plain ? Extras.NONE : new Extras(true, true, 1 + random.nextInt(3), -1, 0),
                random.nextBoolean(),
                false);
    }

    /** A consumer, and what it believes that it holds. */
    private static final class Client {
        final String name;
        final TreeMap<Long, Integer> holds = new TreeMap<>();
        Acquisition.Found found = new Acquisition.Found(List.of(), List.of(), Scan.NONE);
        List<AckBatch> lastSent = List.of();

        /** Its last fetch, as long as it has no answer to it. */
        long unanswered;

        Client(String name) {
            this.name = name;
        }
    }

    private static final class Run {
        final long seed;
        final Random random;
        final QueueWorld world;
        final List<Client> clients = List.of(new Client("a"), new Client("b"), new Client("c"));
        final Map<Long, Integer> deliveries = new HashMap<>();
        final Map<Long, Integer> uncertainDeliveries = new HashMap<>();
        final Map<Long, Integer> uncertainTakings = new HashMap<>();
        final Map<Long, Long> fetches = new HashMap<>();
        final Map<Long, String> holders = new HashMap<>();
        final Map<Long, Long> lockEnds = new HashMap<>();
        final Set<Long> accepted = new HashSet<>();
        final Set<Long> maybeFinished = new HashSet<>();
        final Set<Long> rejected = new HashSet<>();
        final Set<Long> buried = new HashSet<>();
        boolean peace;

        final Planted planted;

        Run(long seed, Planted planted) {
            this.seed = seed;
            this.planted = planted;
            world = new QueueWorld(seed, settings(seed), this::effect);
            random = world.random;
        }

        long steps() throws InvalidProtocolBufferException {
            for (int i = 0; i < STEPS; i++) {
                world.nowMs += random.nextInt(40);
                step();
                world.check();
                if (world.isQuiet() && random.nextInt(10) == 0) {
                    world.checkReplay();
                }
            }
            comeToRest();
            return STEPS;
        }

        private void step() throws InvalidProtocolBufferException {
            Client client = clients.get(random.nextInt(clients.size()));
            switch (random.nextInt(26)) {
                case 0 -> crash();
                case 1 -> world.nowMs += LOCK_MS + 1;
                case 2 -> world.compact();
                case 3 -> leave(client);
                case 4 -> lie(client);
                case 5 -> send(client, client.lastSent);
                case 6, 7, 8, 9 -> world.log.append(world.nowMs);
                case 10, 11, 12 -> look(client);
                case 13, 14, 15 -> acquire(client);
                case 16 -> world.commitAll();
                case 17 -> joinLate();
                case 18 -> takeBack(client);
                default -> acknowledge(client);
            }
            if (random.nextInt(3) == 0) {
                world.tick();
            }
            world.commitSome();
        }

        /** A member that believes that the queue has not begun. */
        private void joinLate() {
            long start = random.nextInt(world.log.end() + 1);
            world.ask(new QueueRequest.Initialize(QueueWorld.KEY, start), reply -> {});
        }

        private void effect(QueueEffect effect) {
            if (!(effect instanceof QueueEffect.Bury bury)) {
                return;
            }
            if (peace || random.nextBoolean()) {
                buried.addAll(bury.offsets());
                world.ask(new QueueRequest.Buried(QueueWorld.KEY, bury.offsets()), reply -> {});
            } else {
                world.take(world.shard.burialFailed(QueueWorld.KEY, bury.offsets()));
            }
        }

        private void crash() throws InvalidProtocolBufferException {
            world.crash();
            for (Held held : world.partition().held()) {
                int known = deliveries.getOrDefault(held.offset(), 0);
                int most = known + uncertainDeliveries.getOrDefault(held.offset(), 0);
                assertThat(held.deliveries())
                        .as("seed %d: deliveries of %d after a crash", seed, held.offset())
                        .isBetween(known - taken(held.offset()), most);
                deliveries.put(held.offset(), held.deliveries());
            }
            for (long offset : world.partition().waiting().keySet()) {
                assertThat(deliveries.getOrDefault(offset, 0) - taken(offset))
                        .as("seed %d: deliveries of %d, which waits after a crash", seed, offset)
                        .isLessThanOrEqualTo(0);
                deliveries.remove(offset);
            }
            uncertainTakings.clear();
            fetches.clear();
            maybeFinished.addAll(uncertainDeliveries.keySet());
            uncertainDeliveries.clear();
            holders.keySet()
                    .removeIf(offset -> {
                        Held held = world.partition().held(offset);
                        return held == null || !held.member().equals(holders.get(offset));
                    });
        }

        /** How often, at most, a delivery of it was taken back that is not committed. */
        private int taken(long offset) {
            return uncertainTakings.getOrDefault(offset, 0);
        }

        private void look(Client client) {
            Plan plan = world.shard.plan(QueueWorld.KEY, 1 + random.nextInt(12), world.nowMs);
            if (plan == null) {
                throw new AssertionError("seed " + seed + ": unknown");
            }
            for (OffsetRange range : plan.candidates()) {
                assertThat(world.log.isData(range.first())).isTrue();
            }
            client.found =
                    new Acquisition.Found(
                            plan.candidates(), List.of(), world.log.scan(plan.scanFrom()));
        }

        private void acquire(Client client) {
            client.unanswered = random.nextLong() | 1;
            long fetch = client.unanswered;
            var wish =
                    new Acquisition(
                            client.name,
                            1 + random.nextInt(12),
                            random.nextBoolean(),
                            0,
                            fetch,
                            client.found);
            var before = new TreeMap<Long, Integer>();
            world.partition().held().forEach(held -> before.put(held.offset(), held.deliveries()));
            var rests = new HashMap<Long, Long>();
            world.partition().held().forEach(held -> rests.put(held.offset(), held.untilMs()));
            long askedMs = world.nowMs;
            world.storing = planted != Planted.DELIVERY_COUNT_WRONG;
            world.ask(
                    new QueueRequest.Acquire(QueueWorld.KEY, wish),
                    reply -> acquired(client, (QueueReply.Held) reply, fetch, askedMs));
            world.storing = true;
            for (Held held : world.partition().held()) {
                if (held.deliveries() > before.getOrDefault(held.offset(), 0)) {
                    uncertainDeliveries.merge(held.offset(), 1, Integer::sum);
                    fetches.put(held.offset(), fetch);
                    checkTurn(held);
                    assertThat(rests.getOrDefault(held.offset(), 0L))
                            .as("seed %d: rest of %d", seed, held.offset())
                            .isLessThanOrEqualTo(world.nowMs);
                }
            }
        }

        private void checkTurn(Held held) {
            Traits asked = world.log.traits(held.offset());
            assertThat(world.log.isData(held.offset())).as("seed %d: data", seed).isTrue();
            assertThat(asked.dueMs()).as("seed %d: due", seed).isLessThanOrEqualTo(world.nowMs);
            assertThat(asked.expiresMs()).as("seed %d: alive", seed).isGreaterThan(world.nowMs);
            if (asked.key() == 0 || asked.dueMs() > 0) {
                return;
            }
            for (long earlier : world.partition().waiting().headMap(held.offset()).keySet()) {
                Traits other = world.log.traits(earlier);
                boolean isOvertaken =
                        other.key() == asked.key()
                                && other.priority() == asked.priority()
                                && other.dueMs() == 0
                                && !other.isExpired(world.nowMs);
                assertThat(isOvertaken)
                        .as("seed %d: %d overtakes %d", seed, held.offset(), earlier)
                        .isFalse();
            }
        }

        private void acquired(Client client, QueueReply.Held reply, long fetch, long askedMs) {
            boolean lost = !peace && random.nextInt(15) == 0;
            if (!lost && client.unanswered == fetch) {
                client.unanswered = 0;
            }
            for (Acquired run : reply.acquired()) {
                for (long offset = run.range().first(); offset <= run.range().last(); offset++) {
                    assertThat(offset)
                            .as("seed %d: before the beginning", seed)
                            .isGreaterThanOrEqualTo(world.begun);
                    int count = deliveries.merge(offset, 1, Integer::sum);
                    uncertainDeliveries.computeIfPresent(
                            offset, (key, open) -> open == 1 ? null : open - 1);
                    assertThat(run.deliveries())
                            .as("seed %d: delivery count of %d", seed, offset)
                            .isEqualTo(count);
                    assertThat(accepted)
                            .as("seed %d: accepted before", seed)
                            .doesNotContain(offset);
                    String holder = holders.put(offset, client.name);
                    assertThat(holder == null || lockEnds.getOrDefault(offset, 0L) <= askedMs)
                            .as("seed %d: %d has two holders", seed, offset)
                            .isTrue();
                    lockEnds.put(offset, askedMs + LOCK_MS);
                    if (!lost) {
                        client.holds.put(offset, count);
                    }
                }
            }
        }

        private void acknowledge(Client client) {
            var batches = new ArrayList<AckBatch>();
            for (long offset : List.copyOf(client.holds.keySet())) {
                if (random.nextInt(3) > 0 || peace) {
                    client.holds.remove(offset);
                    byte type = peace ? AckBatch.ACCEPT : (byte) (1 + random.nextInt(4));
                    batches.add(new AckBatch(offset, offset, List.of(type)));
                }
            }
            send(client, batches);
        }

        private void lie(Client client) {
            long first = random.nextInt(world.log.end() + 2);
            List<Byte> types =
                    random.nextBoolean() ? List.of((byte) 1) : List.of((byte) 1, (byte) 1);
            long last = random.nextInt(4) == 0 ? Long.MAX_VALUE : first + random.nextInt(3);
            send(client, List.of(new AckBatch(first, last, types)));
        }

        /** Sends, and remembers what it does if it is committed: or may do, if it is not. */
        private void send(Client client, List<AckBatch> batches) {
            client.lastSent = batches;
            var named = new HashMap<Long, Byte>();
            for (AckBatch batch : batches) {
                for (Held held : world.partition().held()) {
                    boolean within =
                            held.offset() >= batch.first() && held.offset() <= batch.last();
                    if (within && held.member().equals(client.name)) {
                        byte type = batch.types().getFirst();
                        named.put(held.offset(), type);
                        if (type == AckBatch.ACCEPT || type == AckBatch.REJECT) {
                            maybeFinished.add(held.offset());
                        }
                    }
                }
            }
            long askedMs = world.nowMs;
            world.ask(
                    new QueueRequest.Acknowledge(
                            QueueWorld.KEY,
                            client.name,
                            batches.stream().map(this::misunderstood).toList()),
                    reply -> {
                        if (reply.error() == QueueError.NONE) {
                            named.forEach((offset, type) -> acknowledged(offset, type, askedMs));
                        }
                    });
        }

        private AckBatch misunderstood(AckBatch batch) {
            return switch (planted) {
                case RECORD_ACKNOWLEDGED_TWICE ->
                        replaced(batch, AckBatch.ACCEPT, AckBatch.RELEASE);
                case RECORD_LOST -> replaced(batch, AckBatch.RELEASE, AckBatch.REJECT);
                default -> batch;
            };
        }

        private static AckBatch replaced(AckBatch batch, byte said, byte heard) {
            return new AckBatch(
                    batch.first(),
                    batch.last(),
                    batch.types().stream().map(type -> type == said ? heard : type).toList());
        }

        private void acknowledged(long offset, byte type, long askedMs) {
            switch (type) {
                case AckBatch.ACCEPT -> {
                    assertThat(accepted.add(offset))
                            .as("seed %d: %d accepted twice", seed, offset)
                            .isTrue();
                    holders.remove(offset);
                }
                case AckBatch.REJECT -> {
                    rejected.add(offset);
                    holders.remove(offset);
                }
                case AckBatch.RELEASE -> holders.remove(offset);
                default -> lockEnds.put(offset, askedMs + LOCK_MS);
            }
        }

        private void leave(Client client) {
            client.holds.clear();
            List<Long> undelivered = undelivered(client);
            world.ask(
                    new QueueRequest.ReleaseAll(QueueWorld.KEY, client.name, client.unanswered),
                    reply -> {
                        undelivered.forEach(this::takenBack);
                        holders.values().removeIf(client.name::equals);
                    });
        }

        /** Its fetch is over, but not what else it holds. */
        private void takeBack(Client client) {
            List<Long> undelivered = undelivered(client);
            world.ask(
                    new QueueRequest.TakeBack(QueueWorld.KEY, client.name, client.unanswered),
                    reply ->
                            undelivered.forEach(offset -> {
                                takenBack(offset);
                                holders.remove(offset);
                            }));
        }

        private List<Long> undelivered(Client client) {
            List<Long> undelivered =
                    world.partition().held().stream()
                            .filter(held -> held.member().equals(client.name))
                            .map(Held::offset)
                            .filter(offset ->
                                    Objects.equals(fetches.get(offset), client.unanswered))
                            .toList();
            undelivered.forEach(offset -> uncertainTakings.merge(offset, 1, Integer::sum));
            return undelivered;
        }

        private void takenBack(long offset) {
            deliveries.merge(offset, -1, Integer::sum);
            uncertainTakings.computeIfPresent(offset, (key, open) -> open == 1 ? null : open - 1);
        }

        private void comeToRest() throws InvalidProtocolBufferException {
            peace = true;
            world.commitAll();
            for (int round = 0; round < 4000 && !isAtRest(); round++) {
                world.nowMs += 37;
                Client client = clients.get(round % clients.size());
                look(client);
                acquire(client);
                world.commitAll();
                acknowledge(client);
                world.tick();
                world.commitAll();
                world.check();
            }
            assertThat(isAtRest())
                    .as("seed %d comes to rest: %s", seed, world.partition().view(5))
                    .isTrue();
            world.checkReplay();
            world.compact();
            world.checkReplay();
            assertThat(world.storedRecords()).as("seed %d: replay is bounded", seed).isLessThan(60);
            for (long offset = world.begun; offset < world.log.end(); offset++) {
                checkFate(offset);
            }
        }

        private boolean isAtRest() {
            return world.partition().startOffset() == Math.max(world.begun, world.log.end());
        }

        private void checkFate(long offset) {
            boolean exhausted =
                    deliveries.getOrDefault(offset, 0) >= world.settings.locks().deliveries();
            boolean fated =
                    !world.log.isData(offset)
                            || accepted.contains(offset)
                            || rejected.contains(offset)
                            || buried.contains(offset)
                            || exhausted
                            || world.log.traits(offset).isExpired(world.nowMs)
                            || (world.crashes > 0 && maybeFinished.contains(offset));
            assertThat(fated).as("seed %d: %d is lost", seed, offset).isTrue();
            boolean dead = world.settings.deadLetters() && rejected.contains(offset);
            assertThat(!dead || buried.contains(offset))
                    .as("seed %d: %d was rejected and is not among the dead letters", seed, offset)
                    .isTrue();
        }
    }
}
