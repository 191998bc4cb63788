package io.millrace.broker.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Enlisted;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.Output;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.storage.producer.TransactionEnd;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets that a transaction has pending when what they are of goes away. */
final class TransactionalOffsetsTest {
    private static final long PRODUCER = 7;
    private static final Place GONE = new Place("gone", 0);
    private static final Place STAYS = new Place("stays", 0);

    private final List<StoredRecord> records = new ArrayList<>();
    private long nowMs;
    private GroupShard<String> shard = new GroupShard<>(Shards.LIMITS, ClusterView.NOTHING);

    private GroupReply send(GroupRequest request) {
        return take(shard.handle("r", request, nowMs)).replies().getFirst().reply();
    }

    private Output<String> take(Output<String> output) {
        records.addAll(output.records());
        return output;
    }

    private void restart() throws InvalidProtocolBufferException {
        shard = new GroupShard<>(Shards.LIMITS, ClusterView.NOTHING);
        for (StoredRecord record : records) {
            shard.replay(record, 0);
        }
    }

    private long enlist() {
        return enlist(PRODUCER);
    }

    private long enlist(long producer) {
        return ((Enlisted) send(new GroupRequest.Enlist("g", producer, (short) 0, 1))).number();
    }

    private GroupError commit(long number, long offset, Place... places) {
        return commit(PRODUCER, number, offset, places);
    }

    private GroupError commit(long producer, long number, long offset, Place... places) {
        var offsets = new ArrayList<GroupRequest.Offset>();
        for (Place place : places) {
            offsets.add(new GroupRequest.Offset(place.topic(), place.partition(), offset, -1, ""));
        }
        var nobody = new Claim(-1, "", null);
        var commit =
                new GroupRequest.TransactionalCommit(
                        "g", nobody, producer, (short) 0, number, true, offsets);
        return ((Each) send(commit)).errors().getFirst();
    }

    private GroupError end(boolean commit) {
        var end = new TransactionEnd(PRODUCER, (short) 1, 0, commit, true);
        return send(new GroupRequest.EndTransaction(end)).error();
    }

    /** As a coordinator does for a producer whose epoch stays. */
    private GroupError end(long producer, int coordinatorEpoch, boolean commit) {
        var end = new TransactionEnd(producer, (short) 0, coordinatorEpoch, commit, false);
        return send(new GroupRequest.EndTransaction(end)).error();
    }

    private @Nullable Long committed(Place place) {
        CommittedOffset offset = shard.offset("g", place);
        return offset == null ? null : offset.offset();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noOffsetOfADeletedTopicIsCommittedByATransactionThatWasOpen(boolean restarts)
            throws InvalidProtocolBufferException {
        assertThat(commit(enlist(), 5, GONE, STAYS)).isEqualTo(GroupError.NONE);

        take(shard.topicDeleted("gone", 0));
        if (restarts) {
            restart();
        }

        assertThat(shard.unstable("g").test(GONE)).isFalse();
        assertThat(shard.unstable("g").test(STAYS)).isTrue();
        assertThat(end(true)).isEqualTo(GroupError.NONE);
        assertThat(committed(GONE)).isNull();
        assertThat(committed(STAYS)).isEqualTo(5);
        restart();
        assertThat(committed(GONE)).isNull();
        assertThat(committed(STAYS)).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTransactionWithNothingLeftEndsAndMakesNoGroup(boolean restarts)
            throws InvalidProtocolBufferException {
        commit(enlist(), 5, GONE);

        take(shard.topicDeleted("gone", 0));
        if (restarts) {
            restart();
        }

        assertThat(end(true)).isEqualTo(GroupError.NONE);
        assertThat(shard.offsets("g")).isEmpty();
        assertThat(shard.list()).isEmpty();
    }

    @Test
    void whatTheTransactionCommitsAfterwardsCountsAndIsOfTheTopicThatIsThereThen()
            throws InvalidProtocolBufferException {
        commit(enlist(), 5, GONE);
        long asked = enlist();
        take(shard.topicDeleted("gone", 0));

        assertThat(commit(asked, 1, GONE)).isEqualTo(GroupError.NONE);
        assertThat(end(true)).isEqualTo(GroupError.NONE);
        assertThat(committed(GONE)).isEqualTo(1);
        restart();
        assertThat(committed(GONE)).isEqualTo(1);
    }

    @Test
    void deletingAnOffsetDeletesWhatIsPendingThereToo() throws InvalidProtocolBufferException {
        commit(enlist(), 3, STAYS, GONE);
        end(true);
        var end = new TransactionEnd(PRODUCER, (short) 0, 0, true, false);
        commit(enlist(), 5, GONE);

        var delete = new GroupRequest.DeleteOffsets("g", List.of(GONE));
        assertThat(((Each) send(delete)).errors()).containsExactly(GroupError.NONE);

        assertThat(send(new GroupRequest.EndTransaction(end)).error()).isEqualTo(GroupError.NONE);
        assertThat(committed(GONE)).isNull();
        restart();
        assertThat(committed(GONE)).isNull();
        assertThat(committed(STAYS)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatCameLaterCountsThoughTheClockWasSetBack(boolean restarts)
            throws InvalidProtocolBufferException {
        nowMs = 3000;
        commit(enlist(), 5, STAYS);
        end(PRODUCER, 0, true);
        if (restarts) {
            restart();
        }

        nowMs = 1000;
        commit(enlist(), 9, STAYS);
        end(PRODUCER, 0, true);

        assertThat(committed(STAYS)).isEqualTo(9);
        restart();
        assertThat(committed(STAYS)).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCommitBesideTheTransactionStandsThoughTheClockWasSetBack(boolean restarts)
            throws InvalidProtocolBufferException {
        nowMs = 3000;
        commit(enlist(), 5, STAYS);
        nowMs = 1000;
        var beside = List.of(new GroupRequest.Offset(STAYS.topic(), 0, 8, -1, ""));
        send(new GroupRequest.Commit("g", new Claim(-1, "", null), true, beside));
        if (restarts) {
            restart();
        }

        end(PRODUCER, 0, true);

        assertThat(committed(STAYS)).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theOffsetThatCameLastCountsInWhicheverOrderTheTransactionsEnd(boolean firstEndsFirst)
            throws InvalidProtocolBufferException {
        long other = PRODUCER + 1;
        commit(enlist(), 5, STAYS);
        commit(other, enlist(other), 6, STAYS);

        end(firstEndsFirst ? PRODUCER : other, 0, true);
        restart();
        end(firstEndsFirst ? other : PRODUCER, 0, true);

        assertThat(committed(STAYS)).isEqualTo(6);
        restart();
        assertThat(committed(STAYS)).isEqualTo(6);
    }

    @Test
    void aCoordinatorWhosePlaceAnotherHasTakenEndsNothing() {
        commit(enlist(), 5, STAYS);
        end(PRODUCER, 2, true);
        commit(enlist(), 9, STAYS);

        assertThat(end(PRODUCER, 1, true)).isEqualTo(GroupError.TRANSACTION_COORDINATOR_FENCED);

        assertThat(committed(STAYS)).isEqualTo(5);
        assertThat(end(PRODUCER, 2, false)).isEqualTo(GroupError.NONE);
        assertThat(committed(STAYS)).isEqualTo(5);
    }

    @Test
    void whoIsRefusedByTheCoordinatorWaitsNoMoreAndOthersDo() {
        long refused = enlist();
        long asksStill = enlist();

        take(shard.withdraw(PRODUCER, refused));

        assertThat(commit(refused, 5, STAYS)).isEqualTo(GroupError.INVALID_TXN_STATE);
        assertThat(commit(asksStill, 6, STAYS)).isEqualTo(GroupError.NONE);
    }

    @Test
    void aNumberIsGoodForOneCommitOnly() {
        long number = enlist();
        var unknown = new Claim(1, "m", null);
        var refused =
                new GroupRequest.TransactionalCommit(
                        "g", unknown, PRODUCER, (short) 0, number, true, List.of());
        assertThat(send(refused).error()).isEqualTo(GroupError.GROUP_ID_NOT_FOUND);

        assertThat(commit(number, 5, STAYS)).isEqualTo(GroupError.INVALID_TXN_STATE);
    }
}
