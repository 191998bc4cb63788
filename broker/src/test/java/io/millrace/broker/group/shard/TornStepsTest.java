package io.millrace.broker.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.Output;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Steps that are too large for one batch, of which a coordinator has stored only the beginning when
 * it fails: the next one has every partition assigned, whatever the beginning is.
 */
final class TornStepsTest {
    private static final int PARTITIONS = 12;

    /** A group of three that has come to rest. */
    private static final class Run {
        final TestCluster cluster = TestCluster.EMPTY.with("t", PARTITIONS);
        final List<StoredRecord> log = new ArrayList<>();
        final List<TestConsumer> members = new ArrayList<>();
        GroupShard<String> shard = new GroupShard<>(Shards.LIMITS, cluster);
        long nowMs;

        Run() {
            for (int i = 0; i < 3; i++) {
                members.add(consumer(i));
            }
            settle();
        }

        static TestConsumer consumer(int number) {
            return new TestConsumer("m" + number, null, List.of("t"), "");
        }

        void settle() {
            for (int round = 0; round < 20; round++) {
                nowMs += 50;
                members.forEach(this::beat);
                take(shard.tick(nowMs));
            }
        }

        void beat(TestConsumer member) {
            Output<String> output = shard.handle("r", member.beat(), nowMs);
            take(output);
            var beat = (Beat) output.replies().getFirst().reply();
            assertThat(beat.error()).isEqualTo(GroupError.NONE);
            member.hear(beat);
        }

        void take(Output<String> output) {
            log.addAll(output.records());
        }

        /**
         * Takes a step, of which so many records are stored, and begins again with those.
         *
         * @return how many it had
         */
        int tear(ConsumerHeartbeat beat, int stored) throws InvalidProtocolBufferException {
            List<StoredRecord> step = shard.handle("r", beat, nowMs).records();
            log.addAll(step.subList(0, stored));
            shard = new GroupShard<>(Shards.LIMITS, cluster);
            for (StoredRecord record : log) {
                shard.replay(record, nowMs);
            }
            return step.size();
        }
    }

    @Test
    void aMemberThatJoinsGetsItsShareHoweverMuchOfItsJoiningWasStored()
            throws InvalidProtocolBufferException {
        int records = 1;
        for (int stored = 0; stored <= records; stored++) {
            var run = new Run();
            TestConsumer joins = Run.consumer(3);
            records = run.tear(joins.beat(), stored);
            joins.missed();
            run.members.add(joins);

            run.settle();

            assertThat(run.members)
                    .as("%d of %d records", stored, records)
                    .allSatisfy(member -> assertThat(member.owned.size()).isEqualTo(3));
        }
        assertThat(records).isGreaterThan(4);
    }

    @Test
    void whatAMemberThatLeavesHadIsGivenToOthersHoweverMuchOfItsLeavingWasStored()
            throws InvalidProtocolBufferException {
        int records = 1;
        for (int stored = 0; stored <= records; stored++) {
            var run = new Run();
            TestConsumer leaves = run.members.removeLast();
            records = run.tear(leaves.beat(ConsumerHeartbeat.LEAVE, false), stored);
            var again = leaves.beat(ConsumerHeartbeat.LEAVE, false);
            run.take(run.shard.handle("r", again, run.nowMs));

            run.settle();

            assertThat(run.members)
                    .as("%d of %d records", stored, records)
                    .allSatisfy(member -> assertThat(member.owned.size()).isEqualTo(6));
        }
        assertThat(records).isGreaterThan(3);
    }
}
