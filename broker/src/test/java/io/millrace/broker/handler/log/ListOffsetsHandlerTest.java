package io.millrace.broker.handler.log;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.TestPartition;
import io.millrace.broker.wire.Client;
import io.millrace.broker.wire.Request;
import io.millrace.storage.Durability;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListOffsetsHandlerTest {
    private static final short NEWEST = ApiKeys.LIST_OFFSETS.latestVersion();
    private static final long LATEST = ListOffsetsRequest.LATEST_TIMESTAMP;
    private static final long EARLIEST = ListOffsetsRequest.EARLIEST_TIMESTAMP;
    private static final long LARGEST = ListOffsetsRequest.MAX_TIMESTAMP;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FlushQueue flushes = new FlushQueue(1);
    private final PartitionDirectory directory = new PartitionDirectory();

    @TempDir private Path folder;

    @AfterEach
    void stop() {
        flushes.close();
        channel.finishAndReleaseAll();
    }

    private Partition partition() {
        OwnerLoop loop = new Loops(channel.eventLoop(), System::currentTimeMillis).ownerOf("t", 0);
        Partition made = TestPartition.of("t", loop, flushes, Durability.OS, folder);
        directory.put(new HostedTopic(made.id().topicId(), "t", List.of(made)));
        return made;
    }

    /** The offset, or what is wrong. */
    private String list(int version, long timestamp) throws Exception {
        var body =
                new ListOffsetsRequestData()
                        .setReplicaId(-1)
                        .setTopics(
                                List.of(
                                        new ListOffsetsTopic()
                                                .setName("t")
                                                .setPartitions(
                                                        List.of(
                                                                new ListOffsetsPartition()
                                                                        .setTimestamp(
                                                                                timestamp)))));
        short of = (short) version;
        var answered = new ArrayList<Request>();
        new ListOffsetsHandler(directory)
                .handle(
                        new Request(
                                new RequestHeader(ApiKeys.LIST_OFFSETS, of, "test", 1),
                                ListOffsetsRequest.parse(
                                        MessageUtil.toByteBufferAccessor(body, of), of),
                                new Client("/", "test", 1),
                                answered::add,
                                0,
                                null));
        channel.runPendingTasks();
        var answer =
                (ListOffsetsResponseData) requireNonNull(answered.getFirst().response()).data();
        var slot = answer.topics().getFirst().partitions().getFirst();
        return slot.errorCode() == Errors.NONE.code()
                ? Long.toString(slot.offset())
                : Errors.forCode(slot.errorCode()).name();
    }

    @Test
    void aNewLeaderThatDoesNotKnowWhatIsCommittedTellsNoEnd() throws Exception {
        TestPartition.becomesLeaderThatKnowsLess(partition());

        assertThat(list(NEWEST, LATEST)).isEqualTo("OFFSET_NOT_AVAILABLE");
        assertThat(list(5, LATEST)).isEqualTo("OFFSET_NOT_AVAILABLE");
        assertThat(list(4, LATEST)).isEqualTo("LEADER_NOT_AVAILABLE");
        assertThat(list(NEWEST, LARGEST)).isEqualTo("OFFSET_NOT_AVAILABLE");
        assertThat(list(NEWEST, 15)).isEqualTo("OFFSET_NOT_AVAILABLE");
        assertThat(list(4, 15)).isEqualTo("LEADER_NOT_AVAILABLE");
    }

    @Test
    void itTellsWhatItKnows() throws Exception {
        TestPartition.becomesLeaderThatKnowsLess(partition());

        assertThat(list(NEWEST, EARLIEST)).isEqualTo("0");
        assertThat(list(NEWEST, 10)).isEqualTo("0");
    }

    @Test
    void itTellsTheEndOnceItsFollowerHasFetched() throws Exception {
        Partition partition = partition();
        TestPartition.becomesLeaderThatKnowsLess(partition);

        partition.fetchedBy(2, 1, 2);

        assertThat(list(NEWEST, LATEST)).isEqualTo("2");
        assertThat(list(NEWEST, LARGEST)).isEqualTo("1");
        assertThat(list(NEWEST, 15)).isEqualTo("1");
        assertThat(list(NEWEST, 21)).isEqualTo("-1");
    }

    @Test
    void theOnlyReplicaTellsItsEndAtOnce() throws Exception {
        Partition partition = partition();
        assertThat(list(NEWEST, LATEST)).isEqualTo("0");

        partition.append(new BatchBuilder().add(10, null, new byte[1]).build(), Origin.CLIENT);
        channel.runPendingTasks();

        assertThat(list(NEWEST, LATEST)).isEqualTo("1");
        assertThat(list(4, LATEST)).isEqualTo("1");
    }

    @Test
    void aTimeThatTheVersionDoesNotKnowIsRefused() throws Exception {
        partition();

        assertThat(list(6, LARGEST)).isEqualTo("UNSUPPORTED_VERSION");
        assertThat(list(7, LARGEST)).isEqualTo("-1");
        assertThat(list(7, ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP))
                .isEqualTo("UNSUPPORTED_VERSION");
        assertThat(list(8, ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP)).isEqualTo("0");
        assertThat(list(8, ListOffsetsRequest.LATEST_TIERED_TIMESTAMP))
                .isEqualTo("UNSUPPORTED_VERSION");
        assertThat(list(9, ListOffsetsRequest.LATEST_TIERED_TIMESTAMP)).isEqualTo("-1");
        assertThat(list(10, ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP))
                .isEqualTo("UNSUPPORTED_VERSION");
        assertThat(list(11, ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP)).isEqualTo("-1");
        assertThat(list(NEWEST, -7)).isEqualTo("UNSUPPORTED_VERSION");
    }
}
