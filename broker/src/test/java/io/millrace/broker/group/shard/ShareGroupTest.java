package io.millrace.broker.group.shard;

import static io.millrace.broker.group.shard.Shards.LIMITS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ShareGroupTest {
    private static final TestCluster CLUSTER =
            TestCluster.EMPTY
                    .with("t", 1)
                    .set("share.session.timeout.ms", TestCluster.SESSION_MS)
                    .set("group.share.max.size", 20);

    private final List<StoredRecord> records = new ArrayList<>();
    private GroupShard<String> shard = new GroupShard<>(LIMITS, CLUSTER);

    private Output<String> take(Output<String> output) {
        records.addAll(output.records());
        return output;
    }

    private GroupError send(GroupRequest asked) {
        GroupReply reply = take(shard.handle("r", asked, 1)).replies().getFirst().reply();
        return reply.error();
    }

    private void replay() throws InvalidProtocolBufferException {
        shard = new GroupShard<>(LIMITS, CLUSTER);
        for (StoredRecord record : records) {
            shard.replay(record, 1);
        }
    }

    @Test
    void aShareGroupOutlivesItsMembersUntilItIsDeleted() throws InvalidProtocolBufferException {
        var client = new GroupRequest.Client("c", "/h");
        send(new ShareHeartbeat("g", "m", ShareHeartbeat.JOIN, null, List.of("t"), client));
        send(new ShareHeartbeat("g", "m", ShareHeartbeat.LEAVE, null, null, client));

        take(shard.expireOffsets(1000L * LIMITS.offsetsRetentionMs()));
        assertThat(shard.describeShare("g")).isNotNull();
        replay();
        assertThat(shard.describeShare("g")).isNotNull();
        assertThat(send(Shards.join("", null, "m1")))
                .isEqualTo(GroupError.INCONSISTENT_GROUP_PROTOCOL);

        assertThat(send(new GroupRequest.Delete("g"))).isEqualTo(GroupError.NONE);
        assertThat(shard.describeShare("g")).isNull();
        replay();
        assertThat(shard.describeShare("g")).isNull();
    }
}
