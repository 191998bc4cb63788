package io.millrace.broker.group.shard;

import static io.millrace.broker.group.shard.Shards.LIMITS;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Beat;
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

    private static final GroupRequest.Client CLIENT = new GroupRequest.Client("c", "/h");

    private long nowMs = 1;
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
    void aMemberKeepsWhatItIsToGiveUpUntilAnotherHasHeardOfIt() {
        var cluster = CLUSTER.with("t", 2).set("share.assignment.interval.ms", 100);
        shard = new GroupShard<>(LIMITS, cluster);
        Beat alone = beat("a", ShareHeartbeat.JOIN);
        Beat joining = beat("b", ShareHeartbeat.JOIN);
        nowMs += 100;

        Beat keeping = beat("a", alone.epoch());
        Beat taking = beat("b", joining.epoch());
        Beat givingUp = beat("a", keeping.epoch());

        assertThat(requireNonNull(alone.assignment()).size()).isEqualTo(2);
        assertThat(requireNonNull(joining.assignment()).size()).isZero();
        assertThat(keeping.assignment()).isNull();
        assertThat(keeping.epoch()).isEqualTo(alone.epoch());
        assertThat(requireNonNull(taking.assignment()).size()).isEqualTo(1);
        assertThat(requireNonNull(givingUp.assignment()).size()).isEqualTo(1);
        assertThat(givingUp.assignment()).isNotEqualTo(taking.assignment());
        assertThat(givingUp.epoch()).isEqualTo(taking.epoch());
    }

    private Beat beat(String member, int epoch) {
        List<String> topics = epoch == ShareHeartbeat.JOIN ? List.of("t") : null;
        var beat = new ShareHeartbeat("g", member, epoch, null, topics, CLIENT);
        return (Beat) take(shard.handle("r", beat, nowMs)).replies().getFirst().reply();
    }

    @Test
    void aShareGroupOutlivesItsMembersUntilItIsDeleted() throws InvalidProtocolBufferException {
        send(new ShareHeartbeat("g", "m", ShareHeartbeat.JOIN, null, List.of("t"), CLIENT));
        send(new ShareHeartbeat("g", "m", ShareHeartbeat.LEAVE, null, null, CLIENT));

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
