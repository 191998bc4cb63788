package io.millrace.broker.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.consumer.ConsumerDescription;
import io.millrace.broker.group.consumer.ConsumerMember;
import io.millrace.broker.shard.Step;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Clients of both protocols in one group, which are replaced by ones of the other protocol at any
 * time; the group moves to and fro with them, under a coordinator that restarts. While it is a
 * consumer group, a partition has one owner and what clients use is their own. Left in peace, every
 * partition is used by one client, whichever protocol remains.
 */
final class MigrationSimulationTest {
    private static final int SEEDS = 400;
    private static final int STEPS = 200;
    private static final int PARTITIONS = 5;
    private static final int CLIENTS = 3;

    @Test
    @Tag("simulation")
    void groupsMoveBetweenProtocolsAndKeepTheirPromises() {
        var mixed = new AtomicInteger();
        var downgraded = new AtomicInteger();
        Seeds.each(
                SEEDS,
                seed -> {
                    var run = new Run(seed);
                    long events = run.steps();
                    mixed.addAndGet(run.mixed);
                    downgraded.addAndGet(run.downgraded);
                    return events;
                });
        if (Seeds.areUsual()) {
            assertThat(mixed).as("steps of groups with both").hasValueGreaterThan(SEEDS);
            assertThat(downgraded).as("that went back").hasValueGreaterThan(SEEDS / 10);
        }
    }

    /** One place that a client has, of whichever protocol. */
    private static final class Place {
        @Nullable TestClassic classic;
        @Nullable TestConsumer consumer;
    }

    private record Asked(Place place, int number) {}

    private static final class Run {
        final long seed;
        final Random random;
        final List<StoredRecord> log = new ArrayList<>();
        final List<Place> places = new ArrayList<>();
        final UUID topic = TestCluster.id("t");
        TestCluster cluster = TestCluster.EMPTY.with("t", PARTITIONS);
        GroupShard<Asked> shard = new GroupShard<>(Shards.LIMITS, cluster);
        long nowMs;
        int ids;
        int requests;
        int mixed;
        int downgraded;
        boolean wasConsumer;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            for (int i = 0; i < CLIENTS; i++) {
                var place = new Place();
                renew(place);
                places.add(place);
            }
        }

        private void renew(Place place) {
            boolean classic = random.nextBoolean();
            place.classic = classic ? new TestClassic() : null;
            place.consumer = classic ? null : new TestConsumer("m" + ids++, null, List.of("t"), "");
        }

        long steps() throws InvalidProtocolBufferException {
            for (int step = 0; step < STEPS; step++) {
                nowMs += random.nextInt(60);
                Place place = places.get(random.nextInt(places.size()));
                switch (random.nextInt(40)) {
                    case 0 -> restart();
                    case 1 -> nowMs += Shards.SESSION_MS + 1;
                    case 2 -> renew(place);
                    case 3, 4 -> {
                        leave(place);
                        renew(place);
                    }
                    default -> act(place);
                }
                take(shard.tick(nowMs));
                check();
            }
            calmDown();
            return STEPS;
        }

        private void restart() throws InvalidProtocolBufferException {
            shard = new GroupShard<>(Shards.LIMITS, cluster);
            for (StoredRecord record : log) {
                shard.replay(record, nowMs);
            }
            for (Place place : places) {
                if (place.classic != null && place.classic.step != TestClassic.Step.STABLE) {
                    place.classic.rejoin();
                }
            }
        }

        private void leave(Place place) {
            TestConsumer consumer = place.consumer;
            TestClassic classic = place.classic;
            if (consumer != null && consumer.isJoined()) {
                send(place, consumer.beat(ConsumerHeartbeat.LEAVE, false));
            } else if (classic != null && !classic.id.isEmpty()) {
                send(
                        place,
                        new GroupRequest.Leave(
                                "g", List.of(new GroupRequest.Leaver(classic.id, null))));
            }
        }

        private void act(Place place) {
            TestConsumer consumer = place.consumer;
            TestClassic classic = place.classic;
            if (consumer != null) {
                send(place, consumer.beat());
            } else if (classic != null) {
                act(place, classic);
            }
        }

        private void act(Place place, TestClassic classic) {
            switch (classic.step) {
                case JOIN -> {
                    classic.step = TestClassic.Step.JOINING;
                    send(place, classic.join("c" + ids++));
                }
                case SYNC -> {
                    classic.step = TestClassic.Step.SYNCING;
                    send(place, classic.sync(List.of(), 0));
                }
                case STABLE -> send(place, new GroupRequest.Heartbeat("g", classic.claim()));
                case JOINING, SYNCING -> {
                    if (random.nextInt(60) == 0) {
                        classic.rejoin();
                    }
                }
            }
        }

        private void send(Place place, GroupRequest request) {
            int number = ++requests;
            if (place.classic != null) {
                place.classic.request = number;
            }
            take(shard.handle(new Asked(place, number), request, nowMs));
        }

        private void take(Output<Asked> output) {
            log.addAll(output.records());
            for (Step.Reply<Asked, GroupReply> reply : output.replies()) {
                Place place = reply.request().place();
                TestClassic classic = place.classic;
                if (reply.reply() instanceof Beat beat && place.consumer != null) {
                    hear(place.consumer, beat);
                } else if (classic != null && classic.request == reply.request().number()) {
                    hear(place, classic, reply.reply());
                }
            }
        }

        private void hear(TestConsumer consumer, Beat beat) {
            if (beat.epoch() < 0) {
                return;
            }
            if (beat.error() == GroupError.NONE) {
                consumer.hear(beat);
            } else {
                assertThat(beat.error())
                        .as("seed %d", seed)
                        .isIn(
                                GroupError.UNKNOWN_MEMBER_ID,
                                GroupError.FENCED_MEMBER_EPOCH,
                                GroupError.GROUP_ID_NOT_FOUND);
                consumer.rejoin();
            }
        }

        private void hear(Place place, TestClassic classic, GroupReply reply) {
            switch (reply) {
                case Joined joined when joined.error() == GroupError.MEMBER_ID_REQUIRED -> {
                    classic.id = joined.memberId();
                    classic.step = TestClassic.Step.JOIN;
                }
                case Joined joined when joined.error() == GroupError.NONE -> {
                    classic.id = joined.memberId();
                    classic.generation = joined.generation();
                    classic.step = TestClassic.Step.SYNC;
                    if (joined.leader().equals(classic.id)) {
                        classic.step = TestClassic.Step.SYNCING;
                        send(place, classic.sync(joined.members(), PARTITIONS));
                    }
                }
                case Synced synced when synced.error() == GroupError.NONE -> classic.synced(synced);
                case Plain plain when plain.error() == GroupError.NONE -> {}
                case GroupReply other when other.error() == GroupError.UNKNOWN_MEMBER_ID ->
                        classic.forget();
                default -> classic.rejoin();
            }
        }

        private void check() {
            ConsumerDescription group = shard.describeConsumer("g");
            var taken = new HashSet<String>();
            boolean hasMembers = shard.describe("g") != null && !isEmpty();
            downgraded += wasConsumer && hasMembers ? 1 : 0;
            wasConsumer = group != null;
            if (group == null) {
                return;
            }
            mixed += group.members().stream().anyMatch(each -> each.classic() != null) ? 1 : 0;
            for (ConsumerMember member : group.members()) {
                var position = member.position();
                var mayUse = new HashSet<Integer>();
                position.held().partitions().of(topic).forEach(mayUse::add);
                position.revoking().partitions().of(topic).forEach(mayUse::add);
                for (int each : mayUse) {
                    assertThat(taken.add("t" + each)).as("seed %d: one owner", seed).isTrue();
                }
                places.forEach(place -> checkOwned(place, member, mayUse));
            }
        }

        private boolean isEmpty() {
            var group = shard.describe("g");
            return group == null || group.members().isEmpty();
        }

        private void checkOwned(Place place, ConsumerMember member, Set<Integer> mayUse) {
            TestConsumer consumer = place.consumer;
            TestClassic classic = place.classic;
            if (consumer != null && consumer.id.equals(member.id())) {
                consumer.owned
                        .of(topic)
                        .forEach(each -> assertThat(mayUse).as("seed %d", seed).contains(each));
            }
            if (classic != null
                    && classic.id.equals(member.id())
                    && classic.generation == member.position().epoch()) {
                for (TopicPartition each : classic.owned) {
                    assertThat(mayUse).as("seed %d: %s", seed, classic).contains(each.partition());
                }
            }
        }

        private void calmDown() {
            for (int round = 0; round < 600; round++) {
                nowMs += 50;
                places.forEach(this::act);
                take(shard.tick(nowMs));
                check();
                if (round > 100 && isCalm()) {
                    return;
                }
            }
            throw new AssertionError(
                    "seed %d does not come to rest: %s %s %s"
                            .formatted(
                                    seed,
                                    shard.list(),
                                    shard.describeConsumer("g"),
                                    places.stream()
                                            .map(each -> each.classic + "/" + each.consumer)
                                            .toList()));
        }

        private boolean isCalm() {
            int owned = 0;
            var all = new HashSet<Integer>();
            for (Place place : places) {
                TestConsumer consumer = place.consumer;
                TestClassic classic = place.classic;
                if (consumer != null) {
                    owned += consumer.owned.size();
                    consumer.owned.of(topic).forEach(all::add);
                } else if (classic != null) {
                    owned += classic.owned.size();
                    classic.owned.forEach(each -> all.add(each.partition()));
                }
            }
            return owned == PARTITIONS && all.size() == PARTITIONS;
        }
    }
}
