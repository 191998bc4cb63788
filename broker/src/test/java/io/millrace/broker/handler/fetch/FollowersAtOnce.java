package io.millrace.broker.handler.fetch;

import io.millrace.broker.loop.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;

/**
 * The leader's side of followers' fetches, for the simulation of clusters: sessions, reads and
 * answers are those of production; there is one partition, and few sessions.
 */
public final class FollowersAtOnce {
    private static final int SLOTS = 2;
    private static final long EVICTION_MS = 500;

    private final FetchSessions sessions;

    /**
     * @param ids of sessions
     */
    public FollowersAtOnce(IntSupplier ids) {
        sessions = new FetchSessions(SLOTS, EVICTION_MS, ids);
    }

    /**
     * A request has come, of a follower or of who repairs and reads from any replica; what it is
     * for may be changed.
     *
     * @param partition null if there is none here
     * @param plant what the leader does wrong
     */
    public Fetch take(
            FetchRequestData request,
            long nowMs,
            @Nullable Partition partition,
            Consumer<FetchRequestData.FetchPartition> plant) {
        FetchRequestData own = request.duplicate();
        own.topics().forEach(topic -> topic.partitions().forEach(plant));
        var planned = sessions.plan(own, new FetchSession.Kind(true, true), nowMs);
        int node = own.replicaState().replicaId();
        var reader =
                new Reader(
                        node,
                        own.replicaState().replicaEpoch(),
                        false,
                        node < 0,
                        null,
                        FetchAtOnce.unlimited(node));
        return new Fetch(planned, reader, partition);
    }

    /** One fetch: read, perhaps again, and answered. */
    public static final class Fetch {
        private final FetchSessions.Planned planned;
        private final Reader reader;
        private final @Nullable Partition partition;
        private List<FetchItem> items = List.of();

        Fetch(FetchSessions.Planned planned, Reader reader, @Nullable Partition partition) {
            this.planned = planned;
            this.reader = reader;
            this.partition = partition;
        }

        /** Reads, and returns what was read; nothing if the session has failed. */
        public List<PartitionData> read() {
            FetchPlan plan = planned.plan();
            if (plan == null) {
                return List.of();
            }
            items = new ArrayList<>();
            for (FetchPartition wanted : plan.partitions()) {
                var item = new FetchItem(wanted, partition, Errors.UNKNOWN_TOPIC_ID);
                if (partition != null) {
                    FetchAtOnce.read(item, partition, reader);
                }
                items.add(item);
            }
            return items.stream().map(FetchItem::data).toList();
        }

        /** Whether there is nothing that has to be told yet. */
        public boolean isNothing() {
            return planned.plan() != null
                    && items.stream()
                            .allMatch(item ->
                                    !item.isUrgent(reader)
                                            && FetchResponse.recordsSize(item.data()) == 0);
        }

        /** The answer to what was read last. */
        public FetchResponseData answer() {
            FetchPlan plan = planned.plan();
            return plan == null
                    ? new FetchResponseData().setErrorCode(planned.error().code())
                    : new FetchResponseData()
                            .setSessionId(plan.sessionId())
                            .setResponses(new FetchAnswer(plan).topics(items));
        }
    }
}
