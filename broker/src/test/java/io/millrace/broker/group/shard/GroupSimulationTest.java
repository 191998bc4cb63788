package io.millrace.broker.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.Output;
import io.millrace.broker.shard.Step;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.broker.simulation.Planted;
import io.millrace.storage.simulation.seed.Seeds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Members, some of them static, that join, sync, beat, commit, fall silent, start again and leave,
 * whose replies get lost, under a coordinator that restarts from its log, and whose log fails.
 * After every event: a partition has one owner in a generation, and no commit that was acknowledged
 * is forgotten. Left in peace, the group comes to rest. (As in Kafka, a generation that was never
 * synced may be counted again after a restart.)
 */
final class GroupSimulationTest {
    private static final int SEEDS = 2000;
    private static final int STEPS = 250;
    private static final int PARTITIONS = 4;

    @Test
    @Tag("simulation")
    void groupsKeepTheirPromisesThroughLossSilenceRestartsAndAFailingLog() {
        Seeds.each(SEEDS, seed -> new Run(seed, Planted.NONE).steps());
    }

    @Test
    void anAssignmentThatTwoMembersGetIsCaught() throws Exception {
        Planted.TWO_OWNERS_IN_AN_EPOCH.isCaughtAs(
                "has two owners", seed -> new Run(seed, Planted.TWO_OWNERS_IN_AN_EPOCH).steps());
    }

    @Test
    void aCommitThatIsForgottenIsCaught() throws Exception {
        Planted.OFFSETS_GO_BACK.isCaughtAs(
                "the committed offset", seed -> new Run(seed, Planted.OFFSETS_GO_BACK).steps());
    }

    /** What one client believes of itself. */
    private static final class Consumer {
        final String name;
        final @Nullable String instanceId;
        String memberId = "";
        int generation = -1;
        boolean waiting;
        boolean joined;
        boolean stable;
        int latestRequest;
        List<Integer> partitions = List.of();

        Consumer(String name, boolean isStatic) {
            this.name = name;
            this.instanceId = isStatic ? "instance-" + name : null;
        }

        /** Who owns a partition: a static member stays the same through its restarts. */
        String owner() {
            return instanceId == null ? memberId : instanceId;
        }

        @Override
        public String toString() {
            return "%s: id %s generation %d waiting %b joined %b stable %b owns %s"
                    .formatted(name, memberId, generation, waiting, joined, stable, partitions);
        }

        Claim claim() {
            return new Claim(generation, memberId, instanceId);
        }

        void forget() {
            memberId = "";
            rejoin();
        }

        void rejoin() {
            joined = false;
            stable = false;
            waiting = false;
        }
    }

    private record Asked(Consumer consumer, String kind, long value, int number) {}

    private static final class Run {
        final long seed;
        final Random random;
        final List<StoredRecord> log = new ArrayList<>();
        final List<Consumer> consumers = new ArrayList<>();
        final Map<Integer, Map<Integer, String>> ownersByGeneration = new HashMap<>();
        GroupShard<Asked> shard = new GroupShard<>(Shards.LIMITS, ClusterView.NOTHING);
        long nowMs;
        long acknowledged = -1;
        long nextOffset;
        int ids;
        int requests;
        boolean peace;

        final Planted planted;
        final Map<Integer, ByteBuffer> firstAssignments = new HashMap<>();

        Run(long seed, Planted planted) {
            this.seed = seed;
            this.planted = planted;
            this.random = new Random(seed);
            for (int i = 0; i < 3; i++) {
                consumers.add(new Consumer("c" + i, i < seed % 4));
            }
        }

        long steps() {
            for (int step = 0; step < STEPS; step++) {
                nowMs += random.nextInt(60);
                step();
                check();
            }
            calmDown();
            return STEPS;
        }

        private void step() {
            Consumer consumer = consumers.get(random.nextInt(consumers.size()));
            switch (random.nextInt(40)) {
                case 0 -> restart();
                case 1 -> nowMs += Shards.SESSION_MS + 1;
                case 2 -> consumer.forget();
                case 3 -> {
                    if (!consumer.memberId.isEmpty()) {
                        send(consumer, "leave", leave(consumer), 0);
                        consumer.forget();
                    }
                }
                default -> act(consumer);
            }
            take(shard.tick(nowMs));
        }

        private static GroupRequest leave(Consumer consumer) {
            return new GroupRequest.Leave(
                    "g", List.of(new GroupRequest.Leaver(consumer.memberId, consumer.instanceId)));
        }

        private void act(Consumer consumer) {
            if (consumer.waiting) {
                return;
            }
            if (!consumer.joined) {
                consumer.waiting = true;
                send(
                        consumer,
                        "join",
                        Shards.join(
                                consumer.memberId,
                                consumer.instanceId,
                                consumer.name + "-" + ids++),
                        0);
            } else if (!consumer.stable) {
                consumer.waiting = true;
                send(consumer, "sync", Shards.sync(consumer.claim(), Map.of()), 0);
            } else if (random.nextInt(3) == 0) {
                long offset = nextOffset++;
                send(consumer, "commit", Shards.commit(consumer.claim(), offset), offset);
            } else {
                send(consumer, "beat", new GroupRequest.Heartbeat("g", consumer.claim()), 0);
            }
        }

        private void send(Consumer consumer, String kind, GroupRequest request, long value) {
            consumer.latestRequest = ++requests;
            take(shard.handle(new Asked(consumer, kind, value, requests), request, nowMs));
        }

        private void take(Output<Asked> output) {
            if (!peace && !output.records().isEmpty() && random.nextInt(40) == 0) {
                failLog();
                return;
            }
            if (planted != Planted.OFFSETS_GO_BACK || !answersACommit(output)) {
                log.addAll(output.records());
            }
            for (Step.Reply<Asked, GroupReply> reply : output.replies()) {
                Asked asked = reply.request();
                boolean lost = !peace && random.nextInt(25) == 0;
                if (asked.kind().equals("commit") && isStored(reply.reply())) {
                    acknowledged = Math.max(acknowledged, lost ? acknowledged : asked.value());
                }
                boolean stale = asked.number() != asked.consumer().latestRequest;
                if (lost && !stale) {
                    asked.consumer().rejoin();
                } else if (!lost && !stale) {
                    receive(asked, reply.reply());
                }
            }
        }

        private static boolean answersACommit(Output<Asked> output) {
            return output.replies().stream()
                    .anyMatch(reply -> reply.request().kind().equals("commit"));
        }

        /**
         * Nothing of a step is stored: who waits is refused, and the shard is as the log has it.
         */
        private void failLog() {
            restart();
            consumers.forEach(consumer -> react(consumer, GroupError.COORDINATOR_NOT_AVAILABLE));
        }

        private static boolean isStored(GroupReply reply) {
            return reply instanceof Each each && each.errors().equals(List.of(GroupError.NONE));
        }

        private void receive(Asked asked, GroupReply reply) {
            Consumer consumer = asked.consumer();
            if (reply instanceof Joined joined) {
                joined(consumer, joined);
            } else if (reply instanceof Synced synced) {
                synced(consumer, synced);
            } else {
                GroupError error =
                        reply instanceof Each each && !each.errors().isEmpty()
                                ? each.errors().getFirst()
                                : reply.error();
                react(consumer, error);
            }
        }

        private void react(Consumer consumer, GroupError error) {
            switch (error) {
                case NONE -> {}
                case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID -> consumer.forget();
                default -> consumer.rejoin();
            }
        }

        private void joined(Consumer consumer, Joined joined) {
            consumer.waiting = false;
            if (joined.error() == GroupError.MEMBER_ID_REQUIRED) {
                consumer.memberId = joined.memberId();
            } else if (joined.error() != GroupError.NONE) {
                react(consumer, joined.error());
            } else {
                assertThat(joined.generation()).as("seed %d", seed).isPositive();
                consumer.memberId = joined.memberId();
                consumer.generation = joined.generation();
                consumer.joined = true;
                consumer.stable = false;
                if (joined.leader().equals(joined.memberId())) {
                    lead(consumer, joined);
                }
            }
        }

        private void lead(Consumer consumer, Joined joined) {
            var assignments = new HashMap<String, ByteBuffer>();
            List<GroupReply.JoinedMember> members = joined.members();
            for (int i = 0; i < members.size(); i++) {
                var mine = new StringBuilder();
                for (int p = i; p < PARTITIONS; p += members.size()) {
                    mine.append(p);
                }
                assignments.put(members.get(i).id(), Shards.text(mine.toString()));
            }
            consumer.waiting = true;
            send(consumer, "sync", Shards.sync(consumer.claim(), assignments), 0);
        }

        private void synced(Consumer consumer, Synced synced) {
            consumer.waiting = false;
            if (synced.error() != GroupError.NONE) {
                react(consumer, synced.error());
                return;
            }
            consumer.stable = true;
            ByteBuffer assignment =
                    planted == Planted.TWO_OWNERS_IN_AN_EPOCH
                            ? firstAssignments.computeIfAbsent(
                                    consumer.generation, key -> synced.assignment())
                            : synced.assignment();
            String text = StandardCharsets.UTF_8.decode(assignment.duplicate()).toString();
            consumer.partitions = text.chars().mapToObj(c -> c - '0').toList();
            var owners =
                    ownersByGeneration.computeIfAbsent(consumer.generation, g -> new HashMap<>());
            for (int partition : consumer.partitions) {
                @Nullable String before = owners.put(partition, consumer.owner());
                assertThat(before == null || before.equals(consumer.owner()))
                        .as("seed %d: partition %d has two owners", seed, partition)
                        .isTrue();
            }
        }

        private void restart() {
            shard = new GroupShard<>(Shards.LIMITS, ClusterView.NOTHING);
            try {
                for (StoredRecord record : log) {
                    shard.replay(record, nowMs);
                }
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError("seed " + seed, e);
            }
            consumers.forEach(consumer -> consumer.waiting = false);
        }

        private void check() {
            CommittedOffset offset = shard.offset("g", new GroupRequest.Place("t", 0));
            long committed = offset == null ? -1 : offset.offset();
            assertThat(committed)
                    .as("seed %d: the committed offset", seed)
                    .isGreaterThanOrEqualTo(acknowledged);
            assertThat(committed).as("seed %d", seed).isLessThan(nextOffset);
        }

        /** Left in peace, the group comes to rest with every partition owned once. */
        private void calmDown() {
            peace = true;
            boolean calm = false;
            for (int round = 0; round < 600 && !calm; round++) {
                nowMs += 50;
                consumers.forEach(this::actInPeace);
                take(shard.tick(nowMs));
                calm = isCalm();
            }
            assertThat(calm)
                    .as("seed %d comes to rest: %s %s", seed, shard.describe("g"), consumers)
                    .isTrue();
        }

        private boolean isCalm() {
            GroupDescription group = shard.describe("g");
            int owned = 0;
            for (Consumer consumer : consumers) {
                if (!consumer.stable || consumer.generation != consumers.getFirst().generation) {
                    return false;
                }
                owned += consumer.partitions.size();
            }
            return group != null && group.state() == GroupState.STABLE && owned == PARTITIONS;
        }

        /** A client whose answer does not come asks again after a while. */
        private void actInPeace(Consumer consumer) {
            if (consumer.waiting && random.nextInt(100) == 0) {
                consumer.rejoin();
            }
            act(consumer);
        }
    }
}
