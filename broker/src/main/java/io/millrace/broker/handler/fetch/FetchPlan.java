package io.millrace.broker.handler.fetch;

import java.util.List;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch reads, in order, and in which session.
 *
 * @param session null if the fetch stands alone
 * @param full whether the answer names every partition, or only those with news
 */
record FetchPlan(List<FetchPartition> partitions, @Nullable FetchSession session, boolean full) {
    int sessionId() {
        return session == null ? FetchMetadata.INVALID_SESSION_ID : session.id();
    }
}
