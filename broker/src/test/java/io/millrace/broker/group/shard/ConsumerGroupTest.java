package io.millrace.broker.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupListing;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Enlisted;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupType;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.group.assign.Partitions;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ConsumerGroupTest {
    private static final UUID T = TestCluster.id("t");

    private TestCluster cluster =
            TestCluster.EMPTY
                    .with("t", 4)
                    .set("share.session.timeout.ms", 1000)
                    .set("group.share.max.size", 3);
    private final GroupShard<String> shard = new GroupShard<>(Shards.LIMITS, cluster);

    private GroupReply send(GroupRequest request, long nowMs) {
        return shard.handle("r", request, nowMs).replies().getFirst().reply();
    }

    private Beat beat(TestConsumer consumer, long nowMs) {
        Beat beat = (Beat) send(consumer.beat(), nowMs);
        if (beat.error() == GroupError.NONE) {
            consumer.hear(beat);
        }
        return beat;
    }

    private static TestConsumer consumer(String id) {
        return new TestConsumer(id, null, List.of("t"), "");
    }

    @Test
    void theOnlyMemberGetsEverythingAtOnce() {
        TestConsumer one = consumer("m1");

        Beat beat = beat(one, 0);

        assertThat(beat.epoch()).isEqualTo(2);
        assertThat(one.owned.size()).isEqualTo(4);
    }

    private GroupError commitInTransaction(TestConsumer member, int epoch, boolean byEpoch) {
        var enlisted = (Enlisted) send(new GroupRequest.Enlist("g", 7, (short) 0, 1), 10);
        var commit =
                new GroupRequest.TransactionalCommit(
                        "g",
                        new Claim(epoch, member.id, null),
                        7,
                        (short) 0,
                        enlisted.number(),
                        byEpoch,
                        List.of(new GroupRequest.Offset("t", 0, 5, -1, "")));
        return ((Each) send(commit, 10)).errors().getFirst();
    }

    /** Kafka Streams 4.3 commits so: its TxnOffsetCommit is of a version before member epochs. */
    @Test
    void olderProducersCommitForMembersThatHaveEpochs() {
        TestConsumer one = consumer("m1");
        beat(one, 0);

        assertThat(commitInTransaction(one, one.epoch, false)).isEqualTo(GroupError.NONE);
        assertThat(commitInTransaction(one, one.epoch - 1, false))
                .isEqualTo(GroupError.ILLEGAL_GENERATION);
        assertThat(commitInTransaction(one, one.epoch - 1, true))
                .isEqualTo(GroupError.STALE_MEMBER_EPOCH);
    }

    @Test
    void aPartitionIsGivenUpBeforeAnotherMemberGetsIt() {
        TestConsumer one = consumer("m1");
        TestConsumer two = consumer("m2");
        beat(one, 0);

        beat(two, 10);
        assertThat(two.owned).isEqualTo(Partitions.NONE);
        beat(one, 20);
        beat(two, 30);
        assertThat(one.owned.size()).isEqualTo(2);
        assertThat(two.owned).isEqualTo(Partitions.NONE);
        beat(one, 40);
        beat(two, 50);

        assertThat(two.owned.size()).isEqualTo(2);
        assertThat(one.epoch).isEqualTo(two.epoch);
    }

    @Test
    void aMemberThatDoesNotGiveUpInTimeIsRemoved() {
        TestConsumer one = consumer("m1");
        TestConsumer two = consumer("m2");
        beat(one, 0);
        beat(two, 10);
        beat(one, 20);
        passTime(500, TestCluster.REBALANCE_MS, one, two);

        shard.tick(20 + TestCluster.REBALANCE_MS);
        beat(two, 30 + TestCluster.REBALANCE_MS);

        assertThat(beat(one, 40 + TestCluster.REBALANCE_MS).error())
                .isEqualTo(GroupError.UNKNOWN_MEMBER_ID);
        assertThat(two.owned.size()).isEqualTo(4);
    }

    @Test
    void aMemberThatIsAskedToGiveUpMoreGetsItsTimeAnew() {
        TestConsumer one = consumer("m1");
        TestConsumer two = consumer("m2");
        TestConsumer three = consumer("m3");
        TestConsumer four = consumer("m4");
        beat(one, 0);
        beat(two, 10);
        beat(one, 20);
        passTime(500, 2500, one, two);
        beat(three, 2600);
        beat(four, 2600);

        beat(one, TestCluster.REBALANCE_MS - 100);
        assertThat(one.owned.size()).isEqualTo(1);
        shard.tick(20 + TestCluster.REBALANCE_MS);
        passTime(3100, 5600, one, two, three, four);

        assertThat(beat(one, 5700).error()).isEqualTo(GroupError.NONE);
        assertThat(one.owned.size()).isEqualTo(1);
    }

    /** The one says that it is there, but not that it has given up anything. */
    private void passTime(long fromMs, long toMs, TestConsumer one, TestConsumer... others) {
        for (long nowMs = fromMs; nowMs <= toMs; nowMs += 500) {
            send(one.beat(one.epoch, false), nowMs);
            for (TestConsumer other : others) {
                beat(other, nowMs);
            }
            shard.tick(nowMs);
        }
    }

    @Test
    void epochsOfThePastAndTheFutureAreFenced() {
        TestConsumer one = consumer("m1");
        beat(one, 0);

        assertThat(((Beat) send(one.beat(one.epoch + 1, false), 10)).error())
                .isEqualTo(GroupError.FENCED_MEMBER_EPOCH);
        assertThat(((Beat) send(one.beat(1, false), 10)).error())
                .isEqualTo(GroupError.FENCED_MEMBER_EPOCH);
    }

    @Test
    void anEarlierEpochMayCommitWhatTheMemberHasHadSinceThen() {
        TestConsumer one = consumer("m1");
        beat(one, 0);
        int before = one.epoch;
        one.subscribe(List.of("t", "u"), "");
        beat(one, 10);

        var offsets = List.of(new GroupRequest.Offset("t", 0, 5, -1, ""));
        var unknown = List.of(new GroupRequest.Offset("u", 0, 5, -1, ""));
        var claim = new Claim(before, "m1", null);
        assertThat(one.epoch).isGreaterThan(before);
        assertThat(errors(new GroupRequest.Commit("g", claim, true, offsets)))
                .containsExactly(GroupError.NONE);
        assertThat(errors(new GroupRequest.Commit("g", claim, true, unknown)))
                .containsExactly(GroupError.STALE_MEMBER_EPOCH);
        assertThat(errors(new GroupRequest.Commit("g", claim, false, offsets)))
                .containsExactly(GroupError.UNSUPPORTED_VERSION);
    }

    private List<GroupError> errors(GroupRequest.Commit commit) {
        return ((Each) send(commit, 20)).errors();
    }

    @Test
    void aStaticMemberThatIsThereIsNotDrivenOutAndOneThatIsAwayIsReplaced() {
        var one = new TestConsumer("m1", "i", List.of("t"), "");
        var two = new TestConsumer("m2", "i", List.of("t"), "");
        beat(one, 0);

        assertThat(beat(two, 10).error()).isEqualTo(GroupError.UNRELEASED_INSTANCE_ID);
        send(one.beat(ConsumerHeartbeat.LEAVE_FOR_A_WHILE, false), 20);
        assertThat(beat(two, 30).error()).isEqualTo(GroupError.NONE);

        assertThat(two.owned.size()).isEqualTo(4);
        assertThat(beat(one, 40).error()).isEqualTo(GroupError.FENCED_INSTANCE_ID);
    }

    @Test
    void aTopicThatGrowsOrMatchesIsSharedOutAtTheNextHeartbeat() {
        var one = new TestConsumer("m1", null, List.of(), "[tu]");
        beat(one, 0);
        long before = cluster.version();
        cluster = cluster.with("u", 2);
        shard.follow(cluster, before, List.of("u"));

        beat(one, 10);

        assertThat(one.owned.size()).isEqualTo(6);
        assertThat(one.owned.contains(T, 3)).isTrue();
    }

    @Test
    void offsetsOfAnExpressionThatIsNotYetWorkedOutAreInUse() {
        var one = new TestConsumer("m1", null, List.of(), "[tu]");
        beat(one, 0);
        send(Shards.commit(new Claim(one.epoch, "m1", null), 7), 0);
        long muchLater = 2 * Shards.LIMITS.offsetsRetentionMs();

        shard.refresh(cluster.with("other", 1));
        shard.expireOffsets(muchLater);
        assertThat(shard.offsets("g")).hasSize(1);

        one.subscribe(List.of(), "u");
        beat(one, 10);
        shard.expireOffsets(muchLater);
        assertThat(shard.offsets("g")).isEmpty();
    }

    @Test
    void expressionsThatWouldAskForAnyMemoryAreRefused() {
        for (String regex : List.of("((a{1000}){1000}){1000}", "(", "(".repeat(5000))) {
            var one = new TestConsumer("m1", null, List.of(), regex);
            assertThat(beat(one, 0).error()).isEqualTo(GroupError.INVALID_REGULAR_EXPRESSION);
        }
    }

    @Test
    void groupsOfOtherKindsAreNotFoundOrInconsistent() {
        beat(consumer("m1"), 0);
        send(share("s"), 0);
        var intoShare =
                new ConsumerHeartbeat(
                        "s",
                        "m",
                        "f",
                        true,
                        0,
                        null,
                        null,
                        10,
                        List.of("t"),
                        null,
                        null,
                        List.of(),
                        new GroupRequest.Client("c", "/h"));

        assertThat(send(share("g"), 0).error()).isEqualTo(GroupError.GROUP_ID_NOT_FOUND);
        assertThat(send(intoShare, 0).error()).isEqualTo(GroupError.GROUP_ID_NOT_FOUND);
        GroupRequest.Join join = Shards.join("", null, "f");
        var joinShare =
                new GroupRequest.Join(
                        "s",
                        "",
                        null,
                        "f",
                        join.client(),
                        join.timeouts(),
                        "consumer",
                        join.protocols(),
                        true,
                        true);
        assertThat(((Joined) send(joinShare, 0)).error())
                .isEqualTo(GroupError.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(shard.list())
                .extracting(GroupListing::type)
                .containsExactlyInAnyOrder(GroupType.CONSUMER, GroupType.SHARE);
        assertThat(send(new GroupRequest.Delete("s"), 0).error())
                .isEqualTo(GroupError.NON_EMPTY_GROUP);
    }

    private static ShareHeartbeat share(String group) {
        return new ShareHeartbeat(
                group, "s1", 0, null, List.of("t"), new GroupRequest.Client("c", "/h"));
    }

    @Test
    void anEmptyConsumerGroupIsTakenOverByClassicMembersAndItsOffsetsStay() {
        TestConsumer one = consumer("m1");
        beat(one, 0);
        send(Shards.commit(new Claim(one.epoch, "m1", null), 7), 0);
        send(one.beat(ConsumerHeartbeat.LEAVE, false), 10);

        send(Shards.join("", null, "c1"), 20);

        assertThat(shard.describe("g")).isNotNull();
        assertThat(
                        Objects.requireNonNull(shard.offset("g", new GroupRequest.Place("t", 0)))
                                .offset())
                .isEqualTo(7);
    }
}
