package io.millrace.broker.handler.fetch;

import java.util.Comparator;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * What one fetch, or a session of fetches, wants of one partition, and what the client was last
 * told of it. Mutable; belongs to the connection's loop.
 */
final class FetchPartition {
    private final Key key;
    private FetchRequestData.FetchPartition wanted;
    private long toldHighWatermark = FetchResponse.INVALID_HIGH_WATERMARK;
    private long toldLogStart = FetchResponse.INVALID_LOG_START_OFFSET;

    /**
     * Names a partition as the request did.
     *
     * @param topic empty where the request names topics by id
     * @param topicId zero where the request names topics by name
     */
    record Key(String topic, Uuid topicId, int index) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::topic)
                        .thenComparing(Key::topicId)
                        .thenComparingInt(Key::index);

        /** An order lets a hash map find its way among keys that were made to collide. */
        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    FetchPartition(Key key, FetchRequestData.FetchPartition wanted) {
        this.key = key;
        this.wanted = wanted;
    }

    Key key() {
        return key;
    }

    FetchRequestData.FetchPartition wanted() {
        return wanted;
    }

    /** Who asks in another epoch of the leader may not have taken what was told in the last one. */
    void want(FetchRequestData.FetchPartition changed) {
        if (changed.currentLeaderEpoch() != wanted.currentLeaderEpoch()) {
            toldHighWatermark = FetchResponse.INVALID_HIGH_WATERMARK;
            toldLogStart = FetchResponse.INVALID_LOG_START_OFFSET;
        }
        wanted = changed;
    }

    /** Whether it is a follower's that wants to hear at once of what is committed. */
    boolean asksWhatIsCommitted() {
        return wanted.highWatermark() != Long.MAX_VALUE;
    }

    /** What the client knows to be committed: told in its session, or said by itself (KIP-1166). */
    long knownHighWatermark() {
        return Math.max(wanted.highWatermark(), toldHighWatermark);
    }

    /**
     * The leader's log start as a follower knows it; the largest number if it says nothing of it.
     */
    long knownLogStart() {
        return wanted.logStartOffset() < 0
                ? Long.MAX_VALUE
                : Math.max(wanted.logStartOffset(), toldLogStart);
    }

    /**
     * Whether an incremental answer must carry {@code data}; remembers it as told if so (KIP-227).
     */
    boolean isNews(PartitionData data) {
        boolean news =
                FetchResponse.recordsSize(data) > 0
                        || data.errorCode() != Errors.NONE.code()
                        || data.highWatermark() != toldHighWatermark
                        || data.logStartOffset() != toldLogStart
                        || FetchResponse.isPreferredReplica(data)
                        || FetchResponse.isDivergingEpoch(data);
        if (news) {
            tell(data);
        }
        return news;
    }

    /** Remembers what the client is told. After an error everything is news again. */
    void tell(PartitionData data) {
        boolean failed = data.errorCode() != Errors.NONE.code();
        toldHighWatermark = failed ? FetchResponse.INVALID_HIGH_WATERMARK : data.highWatermark();
        toldLogStart = data.logStartOffset();
    }
}
