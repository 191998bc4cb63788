package io.millrace.broker.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.GroupEffect;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.StreamsHeartbeat;
import io.millrace.broker.group.StreamsHeartbeat.Answer;
import io.millrace.broker.group.StreamsHeartbeat.OwnedTasks;
import io.millrace.broker.group.streams.StreamsDescription;
import io.millrace.broker.group.streams.StreamsMember;
import io.millrace.broker.group.task.Tasks;
import io.millrace.broker.group.task.Topology;
import io.millrace.broker.group.task.Topology.InternalTopic;
import io.millrace.broker.group.task.Topology.Subtopology;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Members of a streams application that join, beat, fall silent, crash and leave, under a
 * coordinator that restarts, while its source topic comes, grows and goes and its internal topics
 * are made late. After every event: a task is processed by one member, and a process has it once;
 * what a member uses is its own; epochs never go back. Left in peace, every task is processed.
 */
final class StreamsSimulationTest {
    private static final int SEEDS = 400;
    private static final int STEPS = 150;
    private static final Topology TOPOLOGY =
            new Topology(
                    0,
                    List.of(
                            new Subtopology(
                                    "0",
                                    List.of("t"),
                                    List.of(),
                                    List.of(),
                                    List.of("r"),
                                    List.of(),
                                    List.of()),
                            new Subtopology(
                                    "1",
                                    List.of(),
                                    List.of(),
                                    List.of(new InternalTopic("c", 0, 0, Map.of())),
                                    List.of(),
                                    List.of(new InternalTopic("r", 0, 0, Map.of())),
                                    List.of())));

    @Test
    @Tag("simulation")
    void streamsGroupsKeepTheirPromisesThroughLossSilenceRestartsAndChangingTopics() {
        Seeds.each(SEEDS, seed -> new Run(seed, false).steps());
    }

    @Test
    @Tag("simulation")
    void streamsGroupsKeepTheirPromisesThroughStepsOfWhichOnlyTheBeginningIsStored() {
        Seeds.each(SEEDS, seed -> new Run(seed, true).steps());
    }

    private static final class Member {
        String id;
        final String process;
        int epoch;
        boolean tellAll = true;
        Tasks owned = Tasks.NONE;

        Member(String id, String process) {
            this.id = id;
            this.process = process;
        }

        void begin(String otherId) {
            id = otherId;
            rejoin();
        }

        void rejoin() {
            epoch = 0;
            owned = Tasks.NONE;
        }

        StreamsHeartbeat beat() {
            boolean all = tellAll || epoch == 0;
            tellAll = false;
            var said = new ArrayList<OwnedTasks>();
            owned.all()
                    .forEach((subtopology, each) ->
                            said.add(new OwnedTasks(subtopology, List.of(each))));
            return new StreamsHeartbeat(
                    "g",
                    id,
                    epoch,
                    null,
                    null,
                    all ? TestCluster.REBALANCE_MS : -1,
                    all ? TOPOLOGY : null,
                    all ? said : null,
                    all ? process : null,
                    false,
                    new Client("c", "/h"));
        }
    }

    private static final class Run {
        final long seed;
        final Random random;
        final List<StoredRecord> log = new ArrayList<>();
        final List<Member> members = new ArrayList<>();
        final Map<String, Integer> epochs = new HashMap<>();
        final List<InternalTopic> toMake = new ArrayList<>();
        TestCluster cluster =
                TestCluster.EMPTY
                        .with("t", 3)
                        .set("streams.session.timeout.ms", TestCluster.SESSION_MS)
                        .set("streams.initial.rebalance.delay.ms", 200)
                        .set("streams.num.standby.replicas", 1)
                        .set("group.streams.max.size", 20);
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
                members.add(new Member("m" + ids++, "p" + i / 2));
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
                case 2 -> member.begin("m" + ids++);
                case 3 -> {
                    if (member.epoch > 0) {
                        member.epoch = StreamsHeartbeat.LEAVE;
                        send(member.beat());
                    }
                    member.begin("m" + ids++);
                }
                case 4 -> change("t", random.nextInt(6));
                case 5, 6 -> makeTopics();
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

        private void makeTopics() {
            for (InternalTopic topic : List.copyOf(toMake)) {
                change(topic.name(), topic.partitions());
            }
            toMake.clear();
        }

        /** A source topic that changes takes what was made for it along. */
        private void change(String name, int partitions) {
            long before = cluster.version();
            if (name.equals("t")) {
                toMake.clear();
                cluster = cluster.with("r", 0).with("c", 0);
                take(shard.follow(cluster, before, List.of("r", "c")));
                before = cluster.version();
            }
            cluster = cluster.with(name, partitions);
            take(shard.follow(cluster, before, List.of(name)));
        }

        private void beat(Member member, boolean lost) {
            Answer answer = send(member.beat());
            if (lost) {
                member.tellAll = true;
            } else if (answer.error() == GroupError.NONE) {
                member.epoch = answer.epoch();
                Tasks tasks = answer.tasks();
                if (tasks != null && !tasks.equals(member.owned)) {
                    member.owned = tasks;
                    member.tellAll = true;
                }
            } else {
                assertThat(answer.error())
                        .as("seed %d", seed)
                        .isIn(
                                GroupError.UNKNOWN_MEMBER_ID,
                                GroupError.FENCED_MEMBER_EPOCH,
                                GroupError.GROUP_ID_NOT_FOUND);
                member.rejoin();
            }
        }

        private Answer send(StreamsHeartbeat beat) {
            Output<String> output = shard.handle("r", beat, nowMs);
            take(output);
            return (Answer) output.replies().getFirst().reply();
        }

        private void take(Output<String> output) {
            log.addAll(output.records());
            for (GroupEffect effect : output.effects()) {
                toMake.clear();
                toMake.addAll(((GroupEffect.CreateTopics) effect).topics());
            }
        }

        private GroupShard<String> fold() throws InvalidProtocolBufferException {
            var folded = new GroupShard<String>(Shards.LIMITS, cluster);
            for (StoredRecord record : log) {
                folded.replay(record, nowMs);
            }
            return folded;
        }

        private void foldEqualsState() throws InvalidProtocolBufferException {
            assertThat(fold().describeStreams("g"))
                    .as("seed %d", seed)
                    .isEqualTo(shard.describeStreams("g"));
        }

        private void check() {
            StreamsDescription group = shard.describeStreams("g");
            if (group == null) {
                return;
            }
            var active = new HashSet<String>();
            var inProcess = new HashSet<String>();
            if (tears) {
                // Who is gone and comes again may begin below an epoch that nobody was told of.
                epochs.keySet().retainAll(group.members().stream().map(StreamsMember::id).toList());
            }
            for (StreamsMember member : group.members()) {
                Tasks mayUse = member.position().held().plus(member.position().revoking());
                mayUse.active()
                        .forEach((id, each) ->
                                assertThat(active.add(id + "_" + each))
                                        .as("seed %d: %s_%d is processed twice", seed, id, each)
                                        .isTrue());
                String process = member.identity().processId();
                mayUse.all()
                        .forEach((id, each) ->
                                assertThat(inProcess.add(process + id + "_" + each))
                                        .as("seed %d: %s has %s_%d twice", seed, process, id, each)
                                        .isTrue());
                Integer before = epochs.put(member.id(), member.position().epoch());
                assertThat(member.position().epoch())
                        .as("seed %d", seed)
                        .isGreaterThanOrEqualTo(before == null ? 0 : before);
                members.stream()
                        .filter(client -> client.id.equals(member.id()))
                        .forEach(client ->
                                assertThat(client.owned.all().minus(mayUse.all()).isEmpty())
                                        .as("seed %d: %s uses its own", seed, client.id)
                                        .isTrue());
            }
        }

        private void calmDown() {
            if (cluster.topic("t") == null) {
                change("t", 3);
            }
            for (int round = 0; round < 100; round++) {
                nowMs += 50;
                makeTopics();
                members.forEach(member -> beat(member, false));
                take(shard.tick(nowMs));
                check();
            }
            int active = members.stream().mapToInt(member -> member.owned.active().size()).sum();
            int standby = members.stream().mapToInt(member -> member.owned.standby().size()).sum();
            var topic = cluster.topic("t");
            int partitions = topic == null ? 0 : topic.partitions();
            assertThat(active).as("seed %d", seed).isEqualTo(2 * partitions);
            assertThat(standby).as("seed %d", seed).isEqualTo(partitions);
        }
    }
}
