package io.millrace.broker.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.group.consumer.ConsumerDescription;
import io.millrace.broker.group.consumer.ConsumerMember;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.broker.simulation.Planted;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Consumers that join, beat, subscribe otherwise, commit, fall silent, crash and leave; whose
 * requests and answers get lost or come twice; under a coordinator that restarts from its log,
 * while topics come, grow and go. After every event: a partition is nobody's or one member's; what
 * a client uses is its own; epochs never go back; no acknowledged commit is forgotten. Left in
 * peace, every partition has one owner and all are where they are to be.
 */
final class ConsumerSimulationTest {
    private static final int SEEDS = 500;
    private static final int STEPS = 200;
    private static final List<List<String>> TOPICS =
            List.of(List.of("t"), List.of("t", "u"), List.of("u"), List.of("t", "v"));

    @Test
    @Tag("simulation")
    void consumersKeepTheirPromisesThroughLossSilenceRestartsAndChangingTopics() {
        Seeds.each(SEEDS, seed -> new Run(seed, Planted.NONE).steps());
    }

    @Test
    @Tag("simulation")
    void consumersKeepTheirPromisesThroughStepsOfWhichOnlyTheBeginningIsStored() {
        Seeds.each(SEEDS, seed -> new Run(seed, Planted.NONE).withTornSteps().steps());
    }

    @Test
    void aTopicThatGoesWhileTargetsAreMadeAndComesBackAsItWasIsAssigned()
            throws InvalidProtocolBufferException {
        assertThat(new Run(436_509_793, Planted.NONE).steps()).isPositive();
    }

    @Test
    void aPartitionThatIsGivenAwayWhileItIsUsedIsCaught() throws Exception {
        Planted.TWO_OWNERS_IN_AN_EPOCH.isCaughtAs(
                "uses what is not its own",
                seed -> new Run(seed, Planted.TWO_OWNERS_IN_AN_EPOCH).steps());
    }

    private static final class Run {
        final long seed;
        final Random random;
        final List<StoredRecord> log = new ArrayList<>();
        final List<TestConsumer> consumers = new ArrayList<>();
        final Map<String, Integer> epochs = new HashMap<>();
        TestCluster cluster = TestCluster.EMPTY.with("t", 4).with("u", 3);
        GroupShard<String> shard;
        long nowMs;
        long acknowledged = -1;
        long nextOffset;
        int groupEpoch;
        int ids;
        boolean tears;

        final Planted planted;

        Run(long seed, Planted planted) {
            this.seed = seed;
            this.planted = planted;
            this.random = new Random(seed);
            if (random.nextBoolean()) {
                cluster = cluster.set("consumer.assignment.interval.ms", 300);
            }
            shard = new GroupShard<>(Shards.LIMITS, cluster);
            for (int i = 0; i < 4; i++) {
                String instance = i == 0 && random.nextBoolean() ? "static" : null;
                consumers.add(new TestConsumer("m" + ids++, instance, List.of("t"), ""));
            }
        }

        Run withTornSteps() {
            tears = true;
            return this;
        }

        long steps() throws InvalidProtocolBufferException {
            for (int step = 0; step < STEPS; step++) {
                nowMs += random.nextInt(60);
                step();
                take(shard.tick(nowMs));
                check();
                if (step % 40 == 0) {
                    foldEqualsState(log);
                    foldEqualsState(compacted());
                }
            }
            if (tears) {
                tear(consumers.get(random.nextInt(consumers.size())));
            }
            calmDown();
            foldEqualsState(log);
            foldEqualsState(compacted());
            return STEPS;
        }

        private void step() throws InvalidProtocolBufferException {
            TestConsumer consumer = consumers.get(random.nextInt(consumers.size()));
            switch (random.nextInt(50)) {
                case 0 -> restart();
                case 1 -> nowMs += TestCluster.SESSION_MS + 1;
                case 2 -> crash(consumer);
                case 3 -> leave(consumer);
                case 4 -> subscribe(consumer);
                case 5, 6 -> changeTopics();
                case 7 -> nowMs += random.nextInt(TestCluster.REBALANCE_MS);
                case 8, 9, 10, 11 -> commit(consumer);
                default -> beat(consumer);
            }
        }

        private void subscribe(TestConsumer consumer) {
            boolean byRegex = random.nextInt(3) == 0;
            consumer.subscribe(
                    byRegex ? List.of() : TOPICS.get(random.nextInt(TOPICS.size())),
                    byRegex ? "[tu]" : "");
        }

        private void changeTopics() {
            String name = List.of("t", "u", "v").get(random.nextInt(3));
            var topic = cluster.topic(name);
            int partitions = topic == null ? 0 : topic.partitions();
            change(name, partitions > 6 || random.nextInt(4) == 0 ? 0 : partitions + 1);
        }

        private void change(String name, int partitions) {
            long before = cluster.version();
            cluster = cluster.with(name, partitions);
            if (random.nextInt(5) == 0) {
                take(shard.refresh(cluster));
            } else {
                take(shard.follow(cluster, before, List.of(name)));
            }
        }

        /** The process is gone and comes again: a static member goes away and returns. */
        private void crash(TestConsumer consumer) {
            boolean says = consumer.instanceId != null && consumer.isJoined();
            if (says && random.nextBoolean()) {
                send(consumer.beat(ConsumerHeartbeat.LEAVE_FOR_A_WHILE, false));
            }
            consumer.id = "m" + ids++;
            consumer.rejoin();
        }

        private void leave(TestConsumer consumer) {
            if (consumer.isJoined()) {
                send(consumer.beat(ConsumerHeartbeat.LEAVE, false));
                crashSilently(consumer);
            }
        }

        private void crashSilently(TestConsumer consumer) {
            consumer.id = "m" + ids++;
            consumer.rejoin();
        }

        /** The coordinator fails when it has stored so much of a step; nobody hears of it. */
        private void tear(TestConsumer consumer) throws InvalidProtocolBufferException {
            List<StoredRecord> step = shard.handle("r", consumer.beat(), nowMs).records();
            log.addAll(step.subList(0, random.nextInt(step.size() + 1)));
            restart();
            consumer.missed();
        }

        private void beat(TestConsumer consumer) throws InvalidProtocolBufferException {
            if (tears && random.nextInt(20) == 0) {
                tear(consumer);
                return;
            }
            ConsumerHeartbeat beat = consumer.beat();
            if (planted == Planted.TWO_OWNERS_IN_AN_EPOCH && consumer.isJoined()) {
                beat = consumer.beatOfOneWhoOwnsNothing();
            }
            if (random.nextInt(25) == 0) {
                consumer.missed();
                return;
            }
            GroupReply reply = send(beat);
            boolean twice = random.nextInt(25) == 0;
            GroupReply again = twice ? send(beat) : reply;
            if (random.nextInt(25) == 0) {
                consumer.missed();
                return;
            }
            hear(consumer, (Beat) reply);
            if (twice && again.error() == GroupError.NONE) {
                hear(consumer, (Beat) again);
            }
        }

        private void hear(TestConsumer consumer, Beat beat) {
            switch (beat.error()) {
                case NONE -> consumer.hear(beat);
                case UNRELEASED_INSTANCE_ID -> consumer.rejoin();
                case UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH -> consumer.rejoin();
                case FENCED_INSTANCE_ID, GROUP_ID_NOT_FOUND -> crashSilently(consumer);
                default -> throw new AssertionError("seed %d: %s".formatted(seed, beat));
            }
        }

        private void commit(TestConsumer consumer) {
            UUID t = TestCluster.id("t");
            if (!consumer.owned.contains(t, 0)) {
                return;
            }
            long offset = nextOffset++;
            var reply =
                    (Each)
                            send(
                                    Shards.commit(
                                            new Claim(consumer.epoch, consumer.id, null), offset));
            if (reply.errors().equals(List.of(GroupError.NONE))) {
                acknowledged = offset;
            }
        }

        private GroupReply send(GroupRequest request) {
            Output<String> output = shard.handle("r", request, nowMs);
            take(output);
            return output.replies().getFirst().reply();
        }

        private void take(Output<String> output) {
            log.addAll(output.records());
        }

        private void restart() throws InvalidProtocolBufferException {
            shard = fold(log);
        }

        private GroupShard<String> fold(List<StoredRecord> records)
                throws InvalidProtocolBufferException {
            var folded = new GroupShard<String>(Shards.LIMITS, cluster);
            for (StoredRecord record : records) {
                folded.replay(record, nowMs);
            }
            return folded;
        }

        private List<StoredRecord> compacted() {
            var latest = new LinkedHashMap<ByteString, StoredRecord>();
            for (StoredRecord record : log) {
                latest.remove(record.key());
                latest.put(record.key(), record);
            }
            return List.copyOf(latest.values());
        }

        private void foldEqualsState(List<StoredRecord> records)
                throws InvalidProtocolBufferException {
            GroupShard<String> folded = fold(records);
            ConsumerDescription is = shard.describeConsumer("g");
            ConsumerDescription told = folded.describeConsumer("g");
            assertThat(told == null).as("seed %d", seed).isEqualTo(is == null);
            if (is != null && told != null) {
                assertThat(told.state()).as("seed %d", seed).isEqualTo(is.state());
                assertThat(told.epoch()).as("seed %d", seed).isEqualTo(is.epoch());
                assertThat(told.members())
                        .as("seed %d", seed)
                        .containsExactlyInAnyOrderElementsOf(is.members());
            }
            assertThat(folded.offsets("g")).as("seed %d", seed).isEqualTo(shard.offsets("g"));
        }

        private void check() {
            ConsumerDescription group = shard.describeConsumer("g");
            if (group != null) {
                assertThat(group.epoch()).as("seed %d", seed).isGreaterThanOrEqualTo(groupEpoch);
                groupEpoch = group.epoch();
                checkMembers(group);
            }
            CommittedOffset offset = shard.offset("g", new GroupRequest.Place("t", 0));
            if (offset != null) {
                assertThat(offset.offset()).as("seed %d", seed).isEqualTo(acknowledged);
            }
        }

        private void checkMembers(ConsumerDescription group) {
            var taken = new HashSet<String>();
            for (ConsumerMember member : group.members()) {
                Partitions.Each once =
                        (topic, each) ->
                                assertThat(taken.add(topic + "-" + each))
                                        .as("seed %d: %s-%d has two owners", seed, topic, each)
                                        .isTrue();
                member.position().held().partitions().forEach(once);
                member.position().revoking().partitions().forEach(once);
                int before = epochs.getOrDefault(member.id(), 0);
                if (member.position().epoch() > 0) {
                    assertThat(member.position().epoch())
                            .as("seed %d: epoch of %s", seed, member.id())
                            .isGreaterThanOrEqualTo(before);
                    epochs.put(member.id(), member.position().epoch());
                }
                consumers.stream()
                        .filter(consumer -> consumer.id.equals(member.id()))
                        .forEach(consumer -> checkOwned(consumer, member));
            }
        }

        private void checkOwned(TestConsumer consumer, ConsumerMember member) {
            Partitions mayUse =
                    new Partitions.Builder()
                            .addAll(member.position().held().partitions())
                            .addAll(member.position().revoking().partitions())
                            .build();
            assertThat(consumer.owned.minus(mayUse))
                    .as("seed %d: %s uses what is not its own", seed, consumer)
                    .isEqualTo(Partitions.NONE);
        }

        private void calmDown() {
            take(shard.refresh(cluster));
            for (int round = 0; round < 400; round++) {
                nowMs += 50;
                for (TestConsumer consumer : consumers) {
                    hear(consumer, (Beat) send(consumer.beat()));
                    check();
                }
                take(shard.tick(nowMs));
                if (round > 60 && isCalm()) {
                    return;
                }
            }
            throw new AssertionError(
                    "seed %d does not come to rest: %s %s"
                            .formatted(seed, shard.describeConsumer("g"), consumers));
        }

        private boolean isCalm() {
            ConsumerDescription group = shard.describeConsumer("g");
            if (group == null
                    || group.state() != GroupState.STABLE
                    || group.members().size() != 4) {
                return false;
            }
            var wanted = new HashSet<String>();
            for (TestConsumer consumer : consumers) {
                wanted.addAll(consumer.topics);
                if (!consumer.regex.isEmpty()) {
                    wanted.addAll(List.of("t", "u"));
                }
            }
            int partitions = 0;
            for (String name : wanted) {
                var topic = cluster.topic(name);
                partitions += topic == null ? 0 : topic.partitions();
            }
            int owned = consumers.stream().mapToInt(consumer -> consumer.owned.size()).sum();
            return owned == partitions;
        }
    }
}
