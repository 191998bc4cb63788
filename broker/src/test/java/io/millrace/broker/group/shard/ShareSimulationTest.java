package io.millrace.broker.group.shard;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.group.share.ShareDescription;
import io.millrace.broker.group.share.ShareMember;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Members of a share group that join, beat, subscribe otherwise, fall silent and leave, under a
 * coordinator that restarts, while topics come, grow and go, and the group is deleted and begun
 * anew where it has no members. Epochs never go back and the fold of the records is the state. Who
 * begins a group that is there changes nothing. No heartbeat leaves a partition without who fetches
 * from it. Left in peace, every partition has a member and every member a partition.
 */
final class ShareSimulationTest {
    private static final int SEEDS = 500;
    private static final int STEPS = 150;
    private static final List<List<String>> TOPICS =
            List.of(List.of("t"), List.of("t", "u"), List.of("u"));

    @Test
    @Tag("simulation")
    void shareGroupsKeepTheirPromisesThroughLossSilenceRestartsAndChangingTopics() {
        Seeds.each(SEEDS, seed -> new Run(seed, false).steps());
    }

    @Test
    @Tag("simulation")
    void shareGroupsKeepTheirPromisesThroughStepsOfWhichOnlyTheBeginningIsStored() {
        Seeds.each(SEEDS, seed -> new Run(seed, true).steps());
    }

    private static final class Member {
        String id;
        int epoch;
        List<String> topics = List.of("t");
        boolean tellAll = true;
        Partitions assigned = Partitions.NONE;

        Member(String id) {
            this.id = id;
        }

        ShareHeartbeat beat() {
            boolean all = tellAll || epoch == 0;
            tellAll = false;
            return new ShareHeartbeat(
                    "g", id, epoch, null, all ? topics : null, new Client("c", "/h"));
        }
    }

    private static final class Run {
        final long seed;
        final Random random;
        final List<StoredRecord> log = new ArrayList<>();
        final List<Member> members = new ArrayList<>();
        final Map<String, Integer> epochs = new HashMap<>();
        TestCluster cluster =
                TestCluster.EMPTY
                        .with("t", 2)
                        .with("u", 3)
                        .set("share.session.timeout.ms", TestCluster.SESSION_MS)
                        .set("group.share.max.size", 20);
        GroupShard<String> shard;
        final boolean tears;
        long nowMs;
        int ids;

        Run(long seed, boolean tears) {
            this.seed = seed;
            this.tears = tears;
            this.random = new Random(seed);
            shard = new GroupShard<>(Shards.LIMITS, cluster);
            for (int i = 0; i < 4; i++) {
                members.add(new Member("m" + ids++));
            }
        }

        long steps() throws InvalidProtocolBufferException {
            for (int step = 0; step < STEPS; step++) {
                nowMs += random.nextInt(60);
                step(members.get(random.nextInt(members.size())));
                take(shard.tick(nowMs));
                check();
            }
            foldEqualsState();
            if (tears) {
                tear(members.get(random.nextInt(members.size())));
            }
            calmDown();
            foldEqualsState();
            return STEPS;
        }

        private void step(Member member) throws InvalidProtocolBufferException {
            switch (random.nextInt(30)) {
                case 0 -> shard = fold();
                case 1 -> nowMs += TestCluster.SESSION_MS + 1;
                case 2 -> begin(member);
                case 3 -> {
                    if (member.epoch > 0) {
                        member.epoch = ShareHeartbeat.LEAVE;
                        send(member.beat());
                    }
                    begin(member);
                }
                case 4 -> {
                    member.topics = TOPICS.get(random.nextInt(TOPICS.size()));
                    member.tellAll = true;
                }
                case 5 -> changeTopics();
                case 6 -> beginWithoutMembers();
                default -> {
                    if (tears && random.nextInt(20) == 0) {
                        tear(member);
                    } else {
                        beat(member, random.nextInt(20) == 0);
                    }
                }
            }
        }

        /** The coordinator fails when it has stored so much of a step; nobody hears of it. */
        private void tear(Member member) throws InvalidProtocolBufferException {
            List<StoredRecord> step = shard.handle("r", member.beat(), nowMs).records();
            log.addAll(step.subList(0, random.nextInt(step.size() + 1)));
            shard = fold();
            member.tellAll = true;
        }

        private void begin(Member member) {
            member.id = "m" + ids++;
            member.epoch = 0;
        }

        /** As who sets a group's offsets has it: it is made if it is not there. */
        private void beginWithoutMembers() throws InvalidProtocolBufferException {
            ShareDescription group = shard.describeShare("g");
            if (group != null && group.members().isEmpty() && random.nextBoolean()) {
                take(shard.handle("r", new GroupRequest.Delete("g"), nowMs));
                epochs.clear();
                group = shard.describeShare("g");
                assertThat(group).as("seed %d", seed).isNull();
            }
            Output<String> begun = shard.handle("r", new GroupRequest.BeginShare("g"), nowMs);
            take(begun);
            assertThat(begun.replies().getFirst().reply().error())
                    .as("seed %d", seed)
                    .isEqualTo(GroupError.NONE);
            ShareDescription now = requireNonNull(shard.describeShare("g"));
            if (group == null) {
                assertThat(now.state()).as("seed %d", seed).isEqualTo(GroupState.EMPTY);
            } else {
                assertThat(begun.records()).as("seed %d", seed).isEmpty();
                assertThat(now).as("seed %d", seed).isEqualTo(group);
            }
            foldEqualsState();
        }

        private void changeTopics() {
            String name = random.nextBoolean() ? "t" : "u";
            var topic = cluster.topic(name);
            int partitions = topic == null ? 0 : topic.partitions();
            long before = cluster.version();
            cluster = cluster.with(name, partitions > 6 ? 0 : partitions + 1);
            take(shard.follow(cluster, before, List.of(name)));
        }

        private void beat(Member member, boolean lost) {
            Set<String> before = fetched(member);
            Beat beat = send(member.beat());
            assertThat(fetched(member)).as("seed %d", seed).containsAll(before);
            if (lost) {
                member.tellAll = true;
            } else if (beat.error() == GroupError.NONE) {
                member.epoch = beat.epoch();
                Partitions assignment = beat.assignment();
                member.assigned = assignment == null ? member.assigned : assignment;
            } else {
                assertThat(beat.error())
                        .as("seed %d", seed)
                        .isIn(
                                GroupError.UNKNOWN_MEMBER_ID,
                                GroupError.FENCED_MEMBER_EPOCH,
                                GroupError.GROUP_ID_NOT_FOUND);
                member.epoch = 0;
            }
        }

        /** What anybody fetches from, of the topics that a member subscribes to. */
        private Set<String> fetched(Member of) {
            var fetched = new HashSet<String>();
            ShareDescription group = shard.describeShare("g");
            for (ShareMember each : group == null ? List.<ShareMember>of() : group.members()) {
                for (String name : of.topics) {
                    var topic = cluster.topic(name);
                    if (topic != null) {
                        each.assigned()
                                .of(topic.id())
                                .filter(p -> p < topic.partitions())
                                .forEach(p -> fetched.add(name + "-" + p));
                    }
                }
            }
            return fetched;
        }

        private Beat send(ShareHeartbeat beat) {
            Output<String> output = shard.handle("r", beat, nowMs);
            take(output);
            return (Beat) output.replies().getFirst().reply();
        }

        private void take(Output<String> output) {
            log.addAll(output.records());
        }

        private GroupShard<String> fold() throws InvalidProtocolBufferException {
            var folded = new GroupShard<String>(Shards.LIMITS, cluster);
            for (StoredRecord record : log) {
                folded.replay(record, nowMs);
            }
            return folded;
        }

        private void foldEqualsState() throws InvalidProtocolBufferException {
            assertThat(fold().describeShare("g"))
                    .as("seed %d", seed)
                    .isEqualTo(shard.describeShare("g"));
        }

        private void check() {
            ShareDescription group = shard.describeShare("g");
            if (group != null) {
                assertThat(group.epoch())
                        .as("seed %d", seed)
                        .isGreaterThanOrEqualTo(group.targetEpoch());
                for (ShareMember member : group.members()) {
                    Integer before = epochs.put(member.id(), member.epochs().current());
                    assertThat(member.epochs().current())
                            .as("seed %d", seed)
                            .isGreaterThanOrEqualTo(before == null ? 0 : before);
                }
            }
        }

        private void calmDown() {
            for (int round = 0; round < 60; round++) {
                nowMs += 50;
                members.forEach(member -> beat(member, false));
                take(shard.tick(nowMs));
                check();
            }
            var covered = new HashSet<String>();
            for (Member member : members) {
                boolean any = member.topics.stream().anyMatch(name -> cluster.topic(name) != null);
                assertThat(!member.assigned.isEmpty()).as("seed %d", seed).isEqualTo(any);
                member.assigned.forEach((topic, each) -> covered.add(topic + "-" + each));
            }
            int wanted =
                    members.stream()
                            .flatMap(member -> member.topics.stream())
                            .distinct()
                            .map(cluster::topic)
                            .mapToInt(topic -> topic == null ? 0 : topic.partitions())
                            .sum();
            assertThat(covered).as("seed %d", seed).hasSize(wanted);
            ShareDescription group = requireNonNull(shard.describeShare("g"));
            for (ShareMember member : group.members()) {
                assertThat(member.epochs().current())
                        .as("seed %d", seed)
                        .isEqualTo(group.targetEpoch());
                assertThat(member.assigned()).as("seed %d", seed).isEqualTo(member.target());
            }
        }
    }
}
