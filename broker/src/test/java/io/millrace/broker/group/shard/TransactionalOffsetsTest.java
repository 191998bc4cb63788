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
    private GroupShard<String> shard = new GroupShard<>(Shards.LIMITS, ClusterView.NOTHING);

    private GroupReply send(GroupRequest request) {
        return take(shard.handle("r", request, 0)).replies().getFirst().reply();
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
        return ((Enlisted) send(new GroupRequest.Enlist("g", PRODUCER, (short) 0, 1))).number();
    }

    private GroupError commit(long number, long offset, Place... places) {
        var offsets = new ArrayList<GroupRequest.Offset>();
        for (Place place : places) {
            offsets.add(new GroupRequest.Offset(place.topic(), place.partition(), offset, -1, ""));
        }
        var nobody = new Claim(-1, "", null);
        var commit =
                new GroupRequest.TransactionalCommit(
                        "g", nobody, PRODUCER, (short) 0, number, true, offsets);
        return ((Each) send(commit)).errors().getFirst();
    }

    private GroupError end(boolean commit) {
        var end = new TransactionEnd(PRODUCER, (short) 1, 0, commit, true);
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

        assertThat(shard.isUnstable("g", GONE)).isFalse();
        assertThat(shard.isUnstable("g", STAYS)).isTrue();
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
}
