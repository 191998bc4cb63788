package io.millrace.broker.handler.log;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.LogStarts;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.TestPartition;
import io.millrace.broker.wire.Client;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeleteRecordsHandlerTest {
    private static final short NEWEST = ApiKeys.DELETE_RECORDS.latestVersion();
    private static final int TIMEOUT_MS = 1_000;
    private static final NodeIds ALL = NodeIds.of(List.of(1, 2, 3));

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FlushQueue flushes = new FlushQueue(1);
    private final PartitionDirectory directory = new PartitionDirectory();
    private final List<Request> answered = new ArrayList<>();

    @TempDir private Path folder;

    @AfterEach
    void stop() {
        channel.finishAndReleaseAll();
        flushes.close();
    }

    /** A partition that has two records. */
    private Partition partition(String topic) {
        OwnerLoop loop = new Loops(channel.eventLoop(), System::currentTimeMillis).ownerOf("t", 0);
        Partition made = TestPartition.of(topic, loop, flushes, Durability.OS, folder);
        directory.put(new HostedTopic(made.id().topicId(), topic, List.of(made)));
        for (int i = 0; i < 2; i++) {
            made.append(new BatchBuilder().add(10, null, new byte[1]).build(), Origin.CLIENT);
        }
        channel.runPendingTasks();
        return made;
    }

    private void ask(String topic, long offset) {
        var body =
                new DeleteRecordsRequestData()
                        .setTimeoutMs(TIMEOUT_MS)
                        .setTopics(
                                List.of(
                                        new DeleteRecordsTopic()
                                                .setName(topic)
                                                .setPartitions(
                                                        List.of(
                                                                new DeleteRecordsPartition()
                                                                        .setOffset(offset)))));
        new DeleteRecordsHandler(directory)
                .handle(
                        new Request(
                                new RequestHeader(ApiKeys.DELETE_RECORDS, NEWEST, "test", 1),
                                new DeleteRecordsRequest.Builder(body).build(NEWEST),
                                new Client("/", "test", 1),
                                answered::add,
                                0,
                                null));
        channel.runPendingTasks();
    }

    /** The low watermark, or what is wrong. */
    private String answer() {
        var answer =
                (DeleteRecordsResponseData) requireNonNull(answered.getFirst().response()).data();
        var slot = requireNonNull(answer.topics().iterator().next()).partitions().iterator().next();
        return slot.errorCode() == Errors.NONE.code()
                ? Long.toString(slot.lowWatermark())
                : Errors.forCode(slot.errorCode()).name();
    }

    @Test
    void theOnlyReplicaDeletesAtOnce() {
        partition("t");

        ask("t", 1);

        assertThat(answer()).isEqualTo("1");
    }

    @Test
    void whatTheBrokersKeepIsNotDeleted() {
        Partition offsets = partition("__consumer_offsets");

        ask("__consumer_offsets", -1);

        assertThat(answer()).isEqualTo("INVALID_TOPIC_EXCEPTION");
        assertThat(offsets.log().logStartOffset()).isZero();
    }

    @Test
    void whatIsOnlyCompactedIsNotDeleted() {
        Partition partition = partition("t");
        partition.reconfigure(cleanup(false));

        ask("t", -1);

        assertThat(answer()).isEqualTo("POLICY_VIOLATION");
        assertThat(partition.log().logStartOffset()).isZero();
    }

    @Test
    void whatIsDeletedAndCompactedIs() {
        Partition partition = partition("t");
        partition.reconfigure(cleanup(true));

        ask("t", -1);

        assertThat(answer()).isEqualTo("2");
    }

    @Test
    void whatIsPastItsRetentionWaitsForTheNextPass() {
        Partition partition = partition("t");
        LogConfig.Retention old = LogConfig.defaults().retention();
        partition.reconfigure(
                LogConfig.defaults()
                        .withRetention(
                                new LogConfig.Retention(
                                        true, false, 1, old.bytes(), old.compaction())));

        ask("t", 1);

        assertThat(answer()).isEqualTo("1");
        assertThat(partition.log().logStartOffset()).isEqualTo(1);
    }

    private static LogConfig cleanup(boolean deleteToo) {
        LogConfig defaults = LogConfig.defaults();
        LogConfig.Retention old = defaults.retention();
        return defaults.withRetention(
                new LogConfig.Retention(deleteToo, true, old.ms(), old.bytes(), old.compaction()));
    }

    private Partition replicated() {
        Partition partition = partition("t");
        lead(partition, 1, ALL);
        partition.fetchedBy(2, 1, 2);
        partition.fetchedBy(3, 1, 2);
        return partition;
    }

    private static void lead(Partition partition, int partitionEpoch, NodeIds inSync) {
        partition.take(new Terms(1, 1, partitionEpoch, ALL, inSync, 1));
    }

    @Test
    void itIsAnsweredWhenTheReplicasInSyncHaveDeletedToo() {
        Partition partition = replicated();

        ask("t", 1);
        LogStarts.told(partition, 2, 1);
        assertThat(answered).isEmpty();
        LogStarts.told(partition, 3, 2);

        assertThat(answer()).isEqualTo("1");
    }

    @Test
    void whoLeavesTheReplicasInSyncIsNotWaitedFor() {
        Partition partition = replicated();

        ask("t", 1);
        LogStarts.told(partition, 2, 1);
        lead(partition, 2, NodeIds.of(List.of(1, 2)));

        assertThat(answer()).isEqualTo("1");
    }

    @Test
    void whoLeadsNoMoreSaysSo() {
        Partition partition = replicated();

        ask("t", 1);
        partition.take(new Terms(2, 2, 3, ALL, ALL, 1));

        assertThat(answer()).isEqualTo("NOT_LEADER_OR_FOLLOWER");
    }

    @Test
    void itWaitsNoLongerThanItsTime() {
        channel.freezeTime();
        replicated();

        ask("t", 1);
        channel.runScheduledPendingTasks();
        assertThat(answered).isEmpty();
        channel.advanceTimeBy(TIMEOUT_MS + 1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();

        assertThat(answer()).isEqualTo("REQUEST_TIMED_OUT");
    }
}
