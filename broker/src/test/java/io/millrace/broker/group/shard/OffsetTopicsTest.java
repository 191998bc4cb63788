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
import io.millrace.broker.group.GroupRequest.Offset;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.Output;
import io.millrace.broker.proto.OffsetValue;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.storage.producer.TransactionEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Of which topic an offset is, where one of that name was deleted and made again. */
final class OffsetTopicsTest {
    private static final UUID FIRST = new UUID(1, 2);
    private static final UUID SECOND = new UUID(3, 4);
    private static final Claim NOBODY = new Claim(-1, "", null);
    private static final Place PLACE = new Place("t", 0);

    private final List<StoredRecord> records = new ArrayList<>();
    private GroupShard<String> shard = new GroupShard<>(Shards.LIMITS, ClusterView.NOTHING);

    private GroupReply send(GroupRequest request) {
        Output<String> output = shard.handle("r", request, 0);
        records.addAll(output.records());
        return output.replies().getFirst().reply();
    }

    private static Offset offset() {
        return new Offset("t", 0, 5, -1, "");
    }

    private void commit(Offset offset) {
        var commit = new GroupRequest.Commit("g", NOBODY, true, List.of(offset));
        assertThat(((Each) send(commit)).errors()).containsExactly(GroupError.NONE);
    }

    /** The offset as another coordinator reads it. */
    private CommittedOffset read() throws InvalidProtocolBufferException {
        shard = new GroupShard<>(Shards.LIMITS, ClusterView.NOTHING);
        for (StoredRecord record : records) {
            shard.replay(record, 0);
        }
        return Objects.requireNonNull(shard.offset("g", PLACE));
    }

    @Test
    void anOffsetIsOfTheTopicThatItWasCommittedToOnly() throws InvalidProtocolBufferException {
        commit(offset().of(FIRST));

        assertThat(read().isOf(FIRST)).isTrue();
        assertThat(read().isOf(SECOND)).isFalse();
        assertThat(read().isOf(null)).isTrue();
    }

    @Test
    void anOffsetThatATransactionCommitsIsToo() throws InvalidProtocolBufferException {
        var enlisted = (Enlisted) send(new GroupRequest.Enlist("g", 7, (short) 0, 1));
        send(
                new GroupRequest.TransactionalCommit(
                        "g",
                        NOBODY,
                        7,
                        (short) 0,
                        enlisted.number(),
                        true,
                        List.of(offset().of(FIRST))));
        var end = new TransactionEnd(7, (short) 1, 0, true, true);
        assertThat(send(new GroupRequest.EndTransaction(end)).error()).isEqualTo(GroupError.NONE);

        assertThat(read().isOf(FIRST)).isTrue();
        assertThat(read().isOf(SECOND)).isFalse();
    }

    @Test
    void anOffsetThatWasStoredWithoutATopicIsOfAnyUntilItIsCommittedAgain()
            throws InvalidProtocolBufferException {
        commit(offset());
        var stored = OffsetValue.parseFrom(Objects.requireNonNull(records.getLast().value()));

        assertThat(stored.hasTopicId()).isFalse();
        assertThat(read().isOf(SECOND)).isTrue();
        commit(offset().of(FIRST));
        assertThat(read().isOf(SECOND)).isFalse();
    }
}
