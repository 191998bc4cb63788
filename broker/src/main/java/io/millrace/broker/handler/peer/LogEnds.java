package io.millrace.broker.handler.peer;

import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.log.LogErrors;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.loop.Scatter;
import io.millrace.cluster.metadata.NodeImage;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where logs end, here or on the brokers that lead them. Thread-safe; never blocks. */
public final class LogEnds {
    private static final Logger LOG = LoggerFactory.getLogger(LogEnds.class);
    private static final int CONSUMER = -1;

    private final LeaderPeers leaders;

    public LogEnds(LeaderPeers leaders) {
        this.leaders = leaders;
    }

    /** The high watermark of a log, and in which epoch it is led. */
    public record LogEnd(long offset, int leaderEpoch) {}

    /**
     * Asks for the ends of logs.
     *
     * @param then given those that are known; on some event loop, or at once if none is asked for
     */
    public void of(Collection<Partition> partitions, Consumer<Map<PartitionId, LogEnd>> then) {
        var ends = new ConcurrentHashMap<PartitionId, LogEnd>();
        var scatter = new Scatter();
        var elsewhere = new LinkedHashMap<NodeImage, Map<String, PartitionId>>();
        for (Partition partition : partitions) {
            PartitionId id = partition.id();
            if (!leaders.isElsewhere(id.topic(), id.index())) {
                scatter.add(partition.loop(), () -> read(partition, ends));
                continue;
            }
            NodeImage leader = leaders.leaderOf(id.topic(), id.index());
            if (leader != null) {
                elsewhere.computeIfAbsent(leader, absent -> new HashMap<>()).put(id.folder(), id);
            }
        }
        var open = new AtomicInteger(1 + elsewhere.size());
        Runnable partDone =
                () -> {
                    if (open.decrementAndGet() == 0) {
                        then.accept(ends);
                    }
                };
        elsewhere.forEach((leader, asked) -> ask(leader, asked, ends, partDone));
        scatter.start(partDone);
    }

    private static void read(Partition partition, Map<PartitionId, LogEnd> ends) {
        if (LogErrors.availability(partition) == Errors.NONE) {
            var end = new LogEnd(partition.highWatermark(), partition.leaderEpoch());
            if (LogErrors.endAvailability(partition) == Errors.NONE) {
                ends.put(partition.id(), end);
            }
        }
    }

    private void ask(
            NodeImage leader,
            Map<String, PartitionId> asked,
            Map<PartitionId, LogEnd> ends,
            Runnable then) {
        var topics = new HashMap<String, ListOffsetsTopic>();
        asked.values()
                .forEach(id ->
                        topics.computeIfAbsent(
                                        id.topic(), name -> new ListOffsetsTopic().setName(name))
                                .partitions()
                                .add(
                                        new ListOffsetsPartition()
                                                .setPartitionIndex(id.index())
                                                .setTimestamp(
                                                        ListOffsetsRequest.LATEST_TIMESTAMP)));
        var request = new ListOffsetsRequestData().setReplicaId(CONSUMER);
        request.topics().addAll(topics.values());
        var _ =
                leaders.ask(leader, ApiKeys.LIST_OFFSETS, request)
                        .handle((answer, failure) -> {
                            if (failure == null) {
                                take((ListOffsetsResponseData) answer, asked, ends);
                            } else {
                                LOG.debug("Where logs end is not known: {}", failure.getMessage());
                            }
                            then.run();
                            return answer;
                        });
    }

    private static void take(
            ListOffsetsResponseData answer,
            Map<String, PartitionId> asked,
            Map<PartitionId, LogEnd> ends) {
        for (var topic : answer.topics()) {
            for (var partition : topic.partitions()) {
                PartitionId id = asked.get(topic.name() + "-" + partition.partitionIndex());
                if (id != null && partition.errorCode() == Errors.NONE.code()) {
                    ends.put(id, new LogEnd(partition.offset(), partition.leaderEpoch()));
                }
            }
        }
    }
}
